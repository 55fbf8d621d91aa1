//! The pipeline's stages: name, colour, probability, days until a lead rots, order; new ones, and taking one out.

use egui::{Context, Id, Ui};
use model::query::{Condition, ListQuery, Op};
use model::report::{Figures, Name, Period, Question, Report, Span};
use model::settings::Stage;
use model::{Action, Date, Kind, RecordId, StageKind, rank};

use super::color::{COLORS, color_button};
use super::sized;
use super::workspace::{denied, set};
use crate::act::Act;
use crate::dialog::Dialog;
use crate::icons;
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::dialog::Dialog as Frame;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::saved_field::saved_field;
use crate::widgets::{Button, Field, Look, divider, icon_button_if, label, paragraph};

/// Room for a stage's chance and days.
const FIGURES: f32 = 200.0;
const ROT_DAYS_MAX: u32 = 3_650;

/// What the dialog that takes a stage out remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemovalForm {
    /// The stage's id.
    pub(crate) stage: String,
    /// Where its leads go.
    pub(crate) to: String,
}

/// Draws the section.
pub(super) fn pipeline_ui(ui: &mut Ui, scene: &Scene<'_>, history: Option<&Report>, out: &mut Vec<Act>) {
    let denied = denied(scene);
    let denied = denied.as_deref();
    let stages = &scene.settings.stages;
    for (index, stage) in stages.iter().enumerate() {
        if index > 0 {
            divider(ui);
        }
        stage_ui(ui, (scene, stage, index), denied, out);
        if let Some(words) = history.and_then(|report| history_words(report, &stage.id)) {
            crate::widgets::caption(ui, &words);
        }
    }
    ui.add_space(space::S);
    if Button::new("New stage").icon(icons::PLUS).disabled(denied).show(ui).clicked() {
        out.push(Act::NewStage);
    }
    let text = "A lead takes the stage's chance when it enters, unless its chance is pinned. It rots when nothing happened for that many days and nothing is planned.";
    paragraph(ui, text, Type::Caption, tokens(ui).text_3);
}

/// What asks how many leads ever reached each stage, and how many of them were won.
pub(super) fn history_question() -> Question {
    // The years that a date may have.
    let day = |year, month, day| Date::from_civil(jiff::civil::date(year, month, day));
    let ever = Span { from: day(1970, 1, 1), to: day(2199, 12, 31) };
    Question { name: Name::Conversion, period: Period::Custom(ever), archived: true, ..Question::default() }
}

/// What became of the leads that reached a stage; nothing when none did.
fn history_words(report: &Report, stage: &str) -> Option<String> {
    let Figures::Conversion(conversion) = &report.figures else { return None };
    let row = conversion.rows.iter().find(|row| row.stage == stage && row.entered > 0)?;
    let percent = (row.won * 200 + row.entered) / (row.entered * 2);
    Some(format!("Won {percent} % of {} that reached it", crate::present::format::grouped(row.entered)))
}

fn stage_ui(ui: &mut Ui, (scene, stage, index): (&Scene<'_>, &Stage, usize), denied: Option<&str>, out: &mut Vec<Act>) {
    let key = |property: &str| format!("stage/{}/{property}", stage.id);
    let id = |property: &str| Id::unique(("stage", stage.id.as_str(), property));
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        color_ui(ui, stage, denied, out);
        let name = format!("Name of stage {}", index + 1);
        let buttons = 3.0 * ui.spacing().interact_size.y + space::M;
        let side = if scene.is_compact() { buttons } else { buttons + FIGURES + space::S };
        let wide = (ui.available_width() - side).max(90.0);
        let renamed =
            sized(ui, wide, |ui| saved_field(ui, id("name"), Field::new(&name).bare().disabled(denied), &stage.name));
        if let Some(name) = renamed.filter(|name| !name.is_empty()) {
            out.push(set([(key("name"), Some(name.into()))]));
        }
        if !scene.is_compact() {
            sized(ui, FIGURES, |ui| ui.horizontal(|ui| figures_ui(ui, stage, denied, out)));
        }
        order_ui(ui, (scene, stage, index), denied, out);
    });
    if scene.is_compact() && stage.kind == StageKind::Open {
        ui.horizontal(|ui| figures_ui(ui, stage, denied, out));
    }
}

/// Probability and rot days of an open stage; what the others mean.
fn figures_ui(ui: &mut Ui, stage: &Stage, denied: Option<&str>, out: &mut Vec<Act>) {
    let t = tokens(ui);
    if stage.kind != StageKind::Open {
        let words = if stage.kind == StageKind::Won { "Won" } else { "Lost" };
        label(ui, words, Type::Dense, t.text_2);
        return;
    }
    let key = |property: &str| format!("stage/{}/{property}", stage.id);
    let id = |property: &str| Id::unique(("stage", stage.id.as_str(), property));
    let name = format!("Chance in {}, percent", stage.name);
    let held = stage.probability.to_string();
    let field = Field::new(&name).bare().disabled(denied);
    if let Some(text) = sized(ui, 52.0, |ui| saved_field(ui, id("probability"), field, &held)) {
        match text.trim_end_matches('%').trim().parse::<u8>() {
            Ok(percent @ 0..=100) => out.push(set([(key("probability"), Some(i64::from(percent).into()))])),
            _ => out.push(Act::Say("A chance is a number from 0 to 100".into())),
        }
    }
    label(ui, "%", Type::Dense, t.text_2);
    let name = format!("Days until a lead rots in {}", stage.name);
    let held = stage.rot_days.to_string();
    let field = Field::new(&name).bare().disabled(denied);
    if let Some(text) = sized(ui, 52.0, |ui| saved_field(ui, id("rot"), field, &held)) {
        match text.parse::<u32>() {
            Ok(days) if days <= ROT_DAYS_MAX => out.push(set([(key("rot_days"), Some(i64::from(days).into()))])),
            _ => out.push(Act::Say("Enter a number of days; 0 is never".into())),
        }
    }
    label(ui, "days", Type::Dense, t.text_2);
}

fn color_ui(ui: &mut Ui, stage: &Stage, denied: Option<&str>, out: &mut Vec<Act>) {
    let name = format!("Colour of {}", stage.name);
    if let Some(color) = color_button(ui, &name, Some(stage.color), denied) {
        out.push(set([(format!("stage/{}/color", stage.id), Some(i64::from(color).into()))]));
    }
}

fn order_ui(ui: &mut Ui, (scene, stage, index): (&Scene<'_>, &Stage, usize), denied: Option<&str>, out: &mut Vec<Act>) {
    let stages = &scene.settings.stages;
    let rank_of = |at: Option<usize>| at.and_then(|at| stages.get(at)).map(|stage| stage.rank.as_str());
    let mut place = |ui: &mut Ui, (icon, word, ends): (&str, &str, bool), between: (Option<usize>, Option<usize>)| {
        let name = format!("Move {} {word}", stage.name);
        let no = denied.or(ends.then_some("It is there already"));
        if icon_button_if(ui, icon, &name, no).clicked() {
            let rank = rank::between(rank_of(between.0), rank_of(between.1));
            out.push(set([(format!("stage/{}/rank", stage.id), Some(rank.into()))]));
        }
    };
    ui.spacing_mut().item_spacing.x = 0.0;
    place(ui, (icons::ARROW_UP, "up", index == 0), (index.checked_sub(2), index.checked_sub(1)));
    let (next, after) = (index + 1, index + 2);
    place(ui, (icons::ARROW_DOWN, "down", next == stages.len()), (Some(next), Some(after)));
    let alone = stages.iter().filter(|other| other.kind == stage.kind).count() == 1;
    let no = denied.or(alone.then_some("It is the only one of its kind"));
    if icon_button_if(ui, icons::TRASH, &format!("Remove {}", stage.name), no).clicked() {
        let to = stages.iter().find(|other| other.kind == stage.kind && other.id != stage.id);
        let to = to.map(|other| other.id.clone()).unwrap_or_default();
        out.push(Act::Open(Box::new(Dialog::RemoveStage(RemovalForm { stage: stage.id.clone(), to }))));
    }
}

/// The query for the leads of the stage that is to be removed.
pub(crate) fn leads_query(form: &RemovalForm) -> ListQuery {
    let condition = |field: &str, op, values| Condition { field: field.to_owned(), op, values };
    let here = condition("stage", Op::Is, vec![form.stage.as_str().into()]);
    ListQuery { filter: vec![here], ..ListQuery::of(Kind::Lead) }
}

/// Draws the dialog that takes a stage out; `true` when it should close.
pub(crate) fn removal_ui(
    ctx: &Context,
    scene: &Scene<'_>,
    (form, leads): (&mut RemovalForm, Option<&[RecordId]>),
    out: &mut Vec<Act>,
) -> bool {
    let Some(stage) = scene.settings.stage(&form.stage) else { return true };
    let title = format!("Remove the stage {}", stage.name);
    let count = leads.map(|leads| leads.len() as u64);
    let waiting = count.is_none().then_some("Counting its leads");
    let mut sure = false;
    let mut footer = |ui: &mut Ui| {
        sure = Button::new("Remove the stage").look(Look::Danger).disabled(waiting).show(ui).clicked();
    };
    let frame = Frame { title: &title, width: 440.0, sheet: scene.is_compact(), high: false };
    let closed = frame.show(
        ctx,
        |ui| {
            let leads = crate::present::format::many(count.unwrap_or(0), "lead is", "leads are");
            paragraph(ui, &format!("{leads} in it."), Type::Body, tokens(ui).text);
            // A stage of another kind would close or reopen them, which asks for more than a stage.
            let others = scene.settings.stages.iter().filter(|other| other.id != stage.id && other.kind == stage.kind);
            let options: Vec<PickOption> = others.map(|other| PickOption::new(&other.id, &other.name)).collect();
            let current = options.iter().find(|option| option.key == form.to).map_or("", |option| &option.text);
            let picker = Picker::new("Its leads move to", current, &options);
            if let Some(Picked::Choice(to)) = picker.show(ui).picked {
                form.to = to;
            }
        },
        Some(&mut footer),
    );
    if let (true, Some(leads)) = (sure, leads) {
        let RemovalForm { stage, to } = form.clone();
        out.push(Act::Do(Action::RemoveStage { stage, to, leads: leads.to_vec() }));
    }
    closed || sure
}

/// The fields of a new open stage: before the first closed one, half as likely to be won as not.
pub(crate) fn new_stage(stages: &[Stage], id: &str) -> Stage {
    let open = stages.iter().rfind(|stage| stage.kind == StageKind::Open);
    let closed = stages.iter().find(|stage| stage.kind != StageKind::Open);
    let rank = rank::between(open.map(|stage| stage.rank.as_str()), closed.map(|stage| stage.rank.as_str()));
    let color = u8::try_from(stages.len() % usize::from(COLORS)).unwrap_or(0);
    let (name, kind) = ("New stage".to_owned(), StageKind::Open);
    Stage { id: id.to_owned(), name, kind, probability: 50, rot_days: 7, rank, color }
}
