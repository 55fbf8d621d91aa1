//! Next Best Action: what asks for attention most, why, and the button for it.

use egui::{Align2, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use model::action::Label;
use model::query::{NextAction, NextBest};
use model::score::{Signal, quiet};
use model::{Action, Edit, FieldChanges, Kind, RecordRef};

use super::rows::about;
use crate::act::Act;
use crate::icons;
use crate::present::format::{full_date, money_compact};
use crate::routes::Screen;
use crate::scene::Scene;
use crate::tasks::{later, put_off};
use crate::theme::{Tone, Type, space, tokens};
use crate::widgets::menu::{Item, heading, menu};
use crate::widgets::text::tip;
use crate::widgets::{Button, Look, card, focus_ring, hairline, label, paint, paint_icon};

const BUTTON: f32 = 156.0;

/// Room for the button that puts a row away.
const NOT_NOW: f32 = 30.0;

/// Draws the section; `more` shows all that were asked for.
pub(super) fn best_ui(ui: &mut Ui, scene: &Scene<'_>, best: &NextBest, more: &mut bool, out: &mut Vec<Act>) {
    if best.rows.is_empty() {
        return;
    }
    let t = tokens(ui);
    label(ui, "Next best action", Type::Label, t.text);
    let shown = if *more { best.rows.len() } else { usize::try_from(best.top).unwrap_or(usize::MAX) };
    card(ui, 0, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(ui.available_width());
        for (index, action) in best.rows.iter().take(shown).enumerate() {
            let tall = if scene.is_compact() { 108.0 } else { 60.0 };
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), tall), Sense::hover());
            if index > 0 {
                hairline(ui, rect.left_top() + vec2(12.0, 0.0), rect.right_top() - vec2(12.0, 0.0));
            }
            row_ui(ui, rect, scene, action, out);
        }
    });
    let rest = best.rows.len().saturating_sub(usize::try_from(best.top).unwrap_or(usize::MAX));
    if rest == 0 {
        return;
    }
    let words = if *more { "Show less".to_owned() } else { format!("Show {rest} more") };
    let icon = if *more { icons::UP } else { icons::DOWN };
    if Button::quiet(&words).icon(icon).show(ui).clicked() {
        *more = !*more;
    }
}

fn row_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, action: &NextAction, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let row = &action.row;
    let name = row.record.display_name();
    let response = ui.interact(rect, egui::Id::unique(("best", row.record.id)), Sense::click());
    let reasons = action.scored.reasons();
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, format!("{name}: {reasons}")));
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink(1.0), 6, t.surface_2);
    }
    focus_ring(ui, &response, rect.shrink(2.0), 6);
    let top = rect.top() + if scene.is_compact() { 22.0 } else { 21.0 };
    let (mark, tone) = action.scored.signals.first().map_or((icons::FLAG, Tone::Neutral), |signal| look(*signal));
    paint_icon(ui, pos2(rect.left() + 24.0, top), mark, 18.0, t.tone(tone).0);
    let left = rect.left() + 44.0;
    let mut end = rect.right() - 12.0;
    let button = if scene.is_compact() {
        Rect::from_min_size(pos2(left, rect.bottom() - 54.0), vec2(BUTTON + 20.0, 44.0))
    } else {
        end -= BUTTON + space::M + NOT_NOW;
        let right = rect.right() - 12.0 - NOT_NOW;
        Rect::from_center_size(pos2(right - BUTTON / 2.0, rect.center().y), vec2(BUTTON, 28.0))
    };
    let side = if scene.touch { 44.0 } else { 28.0 };
    let not_now = Rect::from_center_size(pos2(rect.right() - 22.0, button.center().y), vec2(side, side));
    not_now_ui(ui, not_now, scene, (action, &name), out);
    let end_of_text = end;
    if row.record.kind == Kind::Lead {
        let value = money_compact(row.record.int("value_cents").unwrap_or(0), &scene.settings.currency);
        let at = (pos2(end, top), Align2::RIGHT_CENTER);
        end = paint(ui, at, &value, (Type::DenseStrong, t.text), 90.0).left() - space::M;
    }
    let who = row.names.get("account_id").or_else(|| row.names.get("linked_id"));
    let room = end - left;
    let at = (pos2(left, top), Align2::LEFT_CENTER);
    let title = paint(ui, at, &name, (Type::Label, t.text), if who.is_some() { room * 0.66 } else { room });
    if let Some(who) = who {
        let at = (pos2(title.right() + 10.0, top), Align2::LEFT_CENTER);
        paint(ui, at, who, (Type::Dense, t.text_3), end - title.right() - 10.0);
    }
    let low = (pos2(left, top + 19.0), Align2::LEFT_CENTER);
    paint(
        ui,
        low,
        &crate::words::capital(&reasons),
        (Type::Dense, t.text_2),
        if scene.is_compact() { rect.right() - 12.0 - left } else { end_of_text - left },
    );
    button_ui(ui, button, scene, (action, &name), out);
    if response.clicked() {
        out.push(Act::Go(target(action)));
    }
    tip(response, &explained(action));
}

/// Puts a row away: for some days, or one reason of it until the lead changes.
fn not_now_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, (action, name): (&NextAction, &str), out: &mut Vec<Act>) {
    const DAYS: [(i32, &str); 3] = [(1, "For a day"), (3, "For 3 days"), (7, "For a week")];
    let t = tokens(ui);
    let record = &action.row.record;
    let denied = scene.denied_edit(record);
    let denied = denied.as_deref();
    let response = ui.interact(rect, egui::Id::unique(("not now", record.id)), Sense::click());
    crate::widgets::button::describe(&response, &format!("Not now: {name}"), None, None);
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_3);
    }
    paint_icon(ui, rect.center(), icons::CLOSE, 14.0, t.text_3);
    focus_ring(ui, &response, rect, 6);
    let response = tip(response, "Not now");
    let write = |fields| {
        let edits = vec![Edit::Set { record: record.reference(), base_heads: Vec::new(), fields }];
        Act::Do(Action::Prepared { label: Label::Dismissed, edits })
    };
    menu(&response, 230.0, |ui| {
        heading(ui, "Not now");
        for (days, words) in DAYS {
            if (Item { disabled: denied, ..Item::new(icons::CLOCK, words) }).show(ui) {
                out.push(write(quiet::snooze(scene.today.plus_days(days).start_in(scene.zone))));
            }
        }
        if record.kind != Kind::Lead {
            return;
        }
        heading(ui, "Not useful until the lead changes");
        for signal in &action.scored.signals {
            let words = crate::words::capital(&signal.to_string());
            if (Item { disabled: denied, ..Item::new(icons::EYE_OFF, &words) }).show(ui) {
                out.push(write(quiet::mute(*signal, record, action.row.last_touch_at)));
            }
        }
    });
}

/// The page of the row: the lead's, or that of what the lone task is about.
fn target(action: &NextAction) -> Screen {
    let record = action.row.record.reference();
    let about = || about(&action.row).and_then(|(about, _)| Screen::of(about));
    Screen::of(record).or_else(about).unwrap_or(Screen::Today)
}

/// How the points come together.
fn explained(action: &NextAction) -> String {
    let points = action.scored.points;
    let task = action.task.as_ref().map(|task| format!("Task: {}\n", task.title)).unwrap_or_default();
    format!(
        "{task}Urgency {} of 100\nStrongest reason {} · other reasons {} · value {} · stage {} · priority {}",
        points.total(),
        points.top,
        points.others,
        points.value,
        points.stage,
        points.priority
    )
}

const fn look(signal: Signal) -> (&'static str, Tone) {
    match signal {
        Signal::ReplyWaiting { .. } => (icons::EMAIL, Tone::Info),
        Signal::NeverContacted { .. } => (icons::SPARKLE, Tone::Accent),
        Signal::TaskOverdue { .. } => (icons::WARNING, Tone::Danger),
        Signal::TaskDueToday => (icons::CLOCK, Tone::Success),
        Signal::ClosePassed { .. } => (icons::CALENDAR, Tone::Danger),
        Signal::ClosesSoon { .. } => (icons::CALENDAR, Tone::Warning),
        Signal::NoNextStep => (icons::FLAG, Tone::Warning),
        Signal::Silent { .. } => (icons::HISTORY, Tone::Neutral),
    }
}

fn button_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, (action, name): (&NextAction, &str), out: &mut Vec<Act>) {
    let Some(signal) = action.scored.signals.first().copied() else { return };
    let lead = action.row.record.reference();
    let word = action.scored.button();
    let spoken = format!("{word}: {name}");
    let opens_menu = matches!(
        signal,
        Signal::TaskOverdue { .. } | Signal::TaskDueToday | Signal::ClosePassed { .. } | Signal::ClosesSoon { .. }
    );
    let denied = match signal {
        Signal::ClosePassed { .. } | Signal::ClosesSoon { .. } => scene.denied_edit(&action.row.record),
        _ => scene.denied_create(Kind::Activity),
    };
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    let layout = if scene.is_compact() { egui::Layout::left_to_right(egui::Align::Center) } else { layout };
    let mut inner = ui.new_child(UiBuilder::new().id_salt(("best", lead.id)).max_rect(rect).layout(layout));
    let mut button = Button::new(word).look(Look::Secondary).name(&spoken).disabled(denied.as_deref());
    if opens_menu {
        button = button.trailing(icons::DOWN);
    }
    let response = button.show(&mut inner);
    if opens_menu {
        menu(&response, 210.0, |ui| match signal {
            Signal::TaskOverdue { .. } | Signal::TaskDueToday => task_items(ui, scene, action, out),
            _ => close_items(ui, scene, lead, out),
        });
    } else if response.clicked() {
        out.push(match signal {
            Signal::NoNextStep => Act::New(Kind::Task, Some(lead)),
            _ => Act::QuickLog(Some(lead)),
        });
    }
}

fn task_items(ui: &mut Ui, scene: &Scene<'_>, action: &NextAction, out: &mut Vec<Act>) {
    let Some(task) = &action.task else { return };
    let record = action.row.record.reference();
    let about =
        if record.kind == Kind::Lead { Some((record, action.row.record.display_name())) } else { about(&action.row) };
    if Item::new(icons::SUCCESS, "Done").show(ui) {
        out.push(Act::Finish(task.id, about.clone()));
    }
    if let Some((about, _)) = about
        && Item::new(icons::NOTE, "Log and check off…").show(ui)
    {
        out.push(Act::LogAndFinish(about, task.id));
    }
    heading(ui, "Put off");
    for (words, due, all_day) in later(scene) {
        if Item::new(icons::CLOCK, &words).show(ui) {
            out.push(Act::Do(put_off(task.id, due, all_day)));
        }
    }
}

fn close_items(ui: &mut Ui, scene: &Scene<'_>, lead: RecordRef, out: &mut Vec<Act>) {
    heading(ui, "Expect it");
    let end = scene.month().1;
    let mut days = vec![("In a week", scene.today.plus_days(7)), ("In two weeks", scene.today.plus_days(14))];
    if end.days_since(scene.today) > 14 {
        days.push(("End of the month", end));
    } else {
        days.push(("In a month", scene.today.plus_days(30)));
    }
    for (words, day) in days {
        if Item::new(icons::CALENDAR, words).keys(&full_date(day)).show(ui) {
            let fields = FieldChanges::from([("expected_close_date".to_owned(), Some(day.into()))]);
            out.push(Act::Do(Action::SetFields { record: lead, base_heads: Vec::new(), fields }));
        }
    }
    heading(ui, "Or close it");
    if Item::new(icons::TROPHY, "Won…").keys("Shift W").show(ui) {
        out.push(Act::AskClose { lead: lead.id, won: true });
    }
    if Item::new(icons::LOST, "Lost…").keys("Shift X").show(ui) {
        out.push(Act::AskClose { lead: lead.id, won: false });
    }
}
