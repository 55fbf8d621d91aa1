//! Reports in addresses: a route's question, and the route to the records behind a figure.

use model::report::sheet::{Cell, Sheet};
use model::report::{Figure, Name, Period, Question};
use model::{Kind, RecordId, UserId};

use super::format::short_date;
use crate::act::Act;
use crate::dialog::Dialog;
use crate::routes::{Route, Screen};
use crate::scene::Scene;
use crate::screens::behind::Behind;

/// The question that an address asks. What it can't mean is left out: an address is typed by hand too.
pub(crate) fn question(route: &Route, scene: &Scene<'_>) -> Question {
    let name: Name = route.get("report").parse().unwrap_or_default();
    let owner = match route.get("owner") {
        "" => None,
        "me" => scene.my_id(),
        id => id.parse().ok(),
    };
    let owner: Option<RecordId> = owner;
    Question {
        name,
        period: route.get("period").parse().unwrap_or_default(),
        as_of: route.get("as_of").parse().ok().filter(|_| name == Name::Pipeline),
        owner: owner.map(|id| UserId(id.0)),
        source: match route.get("source") {
            "" => None,
            "(none)" => Some(String::new()),
            source => Some(source.to_owned()),
        },
        tag: route.get("tag").to_owned(),
        archived: route.get("archived") == "true",
        as_closed: route.get("as_closed") == "true",
        imports: route.get("imports") == "true",
    }
}

/// What shows the records that a cell counts; `None` for words.
pub(crate) fn behind(sheet: &Sheet, cell: &Cell) -> Option<Act> {
    let figure = sheet.figure(cell)?;
    let (kind, figure) = (figure.kind(), figure.to_string());
    if kind != Kind::Lead {
        return Some(Act::Open(Box::new(Dialog::Behind(Behind { kind, figure }))));
    }
    let query = vec![("f".to_owned(), "none".to_owned()), ("figure".to_owned(), figure)];
    Some(Act::Visit(Route { screen: Screen::List(Kind::Lead), query }))
}

/// What a figure's chip says: the report, what of it, and which days.
pub(crate) fn figure_words(text: &str, scene: &Scene<'_>) -> String {
    let Ok(figure) = text.parse::<Figure>() else { return "A figure of a report".to_owned() };
    let (what, of) = figure.cell.split_once('/').unwrap_or((&figure.cell, ""));
    let mut words = vec![figure.question.name.title().to_owned(), crate::words::capital(&what.replace('_', " "))];
    words.extend((!of.is_empty()).then(|| of_words(of, scene)));
    if let Period::Custom(span) = figure.question.period {
        words.push(format!("{} – {}", short_date(span.from, scene.today), short_date(span.to, scene.today)));
    }
    words.extend(figure.question.as_of.map(|day| short_date(day, scene.today)));
    words.join(" · ")
}

/// A stage, a person, a month, a source or a reason.
fn of_words(of: &str, scene: &Scene<'_>) -> String {
    if let Some(stage) = scene.settings.stage(of) {
        return stage.name.clone();
    }
    let person = of.parse().map(|id| scene.person(id)).unwrap_or_default();
    if !person.is_empty() {
        return person.to_owned();
    }
    match of.parse() {
        Ok(day) => short_date(day, scene.today),
        Err(_) => crate::words::capital(&of.replace('_', " ")),
    }
}

/// The name of a file with a report.
pub(crate) fn file_name(sheet: &Sheet, ending: &str) -> String {
    let words = format!("{} {}", sheet.title, sheet.subtitle);
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { ' ' };
    let words: String = words.chars().map(plain).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    format!("{}.{ending}", words.join("-").to_lowercase())
}
