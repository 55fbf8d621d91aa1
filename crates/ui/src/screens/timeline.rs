//! A record's history, and the conversations in it.

use egui::{Align2, Sense, Ui, pos2, vec2};
use model::action::Label;
use model::query::{AsOfField, Happened, Query, TimelineEntry, TimelinePart};
use model::{Action, Edit, FieldChanges, Kind, Record, RecordRef, Timestamp, UserId};

use super::detail::Shown;
use crate::act::Act;
use crate::app::Effect;
use crate::icons;
use crate::present::fields::shown_value;
use crate::present::format;
use crate::present::history::{Line, lines, shorten};
use crate::scene::Scene;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::menu::{Item, menu};
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::segmented::{Choice, segmented};
use crate::widgets::text::tip;
use crate::widgets::{Button, card, icon, icon_button, label, markdown, paint, paint_icon, paragraph};

/// Entries on a page of the timeline.
const PAGE: u32 = 100;
/// Activities that are asked for at a time.
const ACTIVITIES: u32 = 100;

/// Which part of the timeline shows, and what the record is to be taken back to.
#[derive(Debug, Default)]
pub(crate) struct TimelineState {
    part: TimelinePart,
    page: u32,
    /// The moment, and the line on this page that it was chosen from.
    pub(super) going_back: Option<(Timestamp, usize)>,
}

impl TimelineState {
    /// Asks for the page that shows.
    pub(super) const fn query(&self, record: RecordRef) -> Query {
        Query::TimelinePage { record, part: self.part, offset: self.page * PAGE, limit: PAGE }
    }
}

/// Which activities show.
#[derive(Debug, Default)]
pub(crate) struct ActivityFilter {
    /// Only this type; empty is all.
    of: &'static str,
    /// Only this person's.
    by: Option<UserId>,
    /// How many times more were asked for.
    more: u32,
}

impl ActivityFilter {
    /// Asks for the latest activities.
    pub(super) fn query(&self, record: RecordRef) -> Query {
        let limit = ((self.more + 1) * ACTIVITIES).min(model::query::WINDOW_MAX);
        Query::TimelinePage { record, part: TimelinePart::Activities, offset: 0, limit }
    }

    fn fits(&self, activity: &Record) -> bool {
        (self.of.is_empty() || activity.text("type") == self.of)
            && self.by.is_none_or(|by| activity.owner() == Some(by))
    }
}

const TYPES: [(&str, &str); 6] =
    [("", "All"), ("note", "Notes"), ("call", "Calls"), ("email", "Emails"), ("meeting", "Meetings"), ("sms", "SMS")];

/// Draws the activities: pinned ones first, the others by month.
pub(crate) fn activities_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    entries: &[TimelineEntry],
    filter: &mut ActivityFilter,
    out: &mut Vec<Act>,
) {
    let activity = |entry: &TimelineEntry| match &entry.what {
        Happened::Activity(record) => Some((record.as_ref().clone(), entry.author.name.clone())),
        _ => None,
    };
    let all: Vec<(Record, String)> = entries.iter().filter_map(activity).collect();
    if all.is_empty() {
        let text = "Calls, emails, meetings and notes show here, newest first.";
        Empty { icon: icons::NOTE, title: "Nothing logged yet", text, actions: &[] }.show(ui);
        return;
    }
    filter_ui(ui, scene, filter);
    let mut shown: Vec<&(Record, String)> = all.iter().filter(|(record, _)| filter.fits(record)).collect();
    shown.sort_by_key(|(record, _)| std::cmp::Reverse((record.flag("pinned"), record.time("occurred_at"))));
    if shown.is_empty() {
        Empty { icon: icons::FILTER, title: "No such activities here", text: "", actions: &[] }.show(ui);
    }
    ui.spacing_mut().item_spacing.y = space::S;
    let mut heading = String::new();
    for (record, author) in shown {
        let at = record.time("occurred_at").unwrap_or_default();
        let next = if record.flag("pinned") { "Pinned".to_owned() } else { format::month(at.date_in(scene.zone)) };
        if next != heading {
            ui.add_space(space::S);
            label(ui, &next, Type::CaptionStrong, tokens(ui).text_3);
            heading = next;
        }
        activity_card(ui, scene, (record, at, author), out);
    }
    let asked = ((filter.more + 1) * ACTIVITIES) as usize;
    if all.len() >= asked && asked < model::query::WINDOW_MAX as usize {
        ui.add_space(space::S);
        if Button::new("Show older").icon(icons::DOWN).show(ui).clicked() {
            filter.more += 1;
        }
    }
}

fn filter_ui(ui: &mut Ui, scene: &Scene<'_>, filter: &mut ActivityFilter) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        for (of, word) in TYPES {
            let name =
                if of.is_empty() { "Show all activities".to_owned() } else { format!("Show {}", word.to_lowercase()) };
            if Button::quiet(word).name(&name).selected(filter.of == of).show(ui).clicked() {
                filter.of = of;
            }
        }
        if scene.people.len() < 2 {
            return;
        }
        let mut people = vec![PickOption::new("", "Everybody")];
        people.extend(scene.people.iter().map(|of| PickOption::new(of.id.to_string(), of.text("name"))));
        let current = filter.by.map_or("Everybody", |by| scene.person(by.record())).to_owned();
        let picker = Picker::new("Whose activities", &current, &people).bare().searchable().width(160.0);
        if let Some(Picked::Choice(key)) = picker.show(ui).picked {
            filter.by = key.parse().ok();
        }
    });
}

fn activity_card(ui: &mut Ui, scene: &Scene<'_>, (record, at, author): (&Record, Timestamp, &str), out: &mut Vec<Act>) {
    let t = tokens(ui);
    let (word, mark) = crate::words::activity(record.text("type"));
    card(ui, 12, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            icon(ui, mark, 16.0, t.text_2);
            label(ui, word, Type::Label, t.text);
            label(ui, author, Type::Dense, t.text_2);
            let minutes = record.int("duration_minutes").map(format::duration).unwrap_or_default();
            let outcome = if scene.is_compact() { "" } else { record.text("outcome") };
            let outcome = if outcome == record.text("subject") { "" } else { outcome };
            let facts: Vec<&str> = [minutes.as_str(), outcome].into_iter().filter(|fact| !fact.is_empty()).collect();
            label(ui, &facts.join(" · "), Type::Dense, t.text_3);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                more_ui(ui, scene, record, out);
                if record.flag("pinned") || !scene.is_compact() {
                    pin_ui(ui, scene, record, out);
                }
                let when = format::moment(at, scene.zone, scene.today);
                let response = label(ui, &when, Type::Dense, t.text_3);
                tip(response, &format::full_time(at, scene.zone));
            });
        });
        let subject = record.text("subject");
        if !subject.is_empty() {
            paragraph(ui, subject, Type::Body, t.text);
        }
        let body = record.text("body").trim();
        if !body.is_empty() {
            let ink = if subject.is_empty() { t.text } else { t.text_2 };
            out.extend(markdown(ui, body, ink).map(|address| Act::Shell(Effect::OpenUrl(address))));
        }
    });
}

fn pin_ui(ui: &mut Ui, scene: &Scene<'_>, record: &Record, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let pinned = record.flag("pinned");
    let denied = scene.denied_edit(record);
    let sense = if denied.is_some() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(26.0, 26.0), sense);
    let when = format::day_and_time(record.time("occurred_at").unwrap_or_default(), scene.zone);
    let name = format!("{} {}, {when}", if pinned { "Unpin" } else { "Pin" }, record.display_name());
    crate::widgets::button::describe(&response, &name, denied.as_deref(), pinned.then_some(true));
    if response.hovered() {
        ui.painter().rect_filled(rect, 6, t.surface_2);
    }
    paint_icon(ui, rect.center(), icons::PIN, 14.0, if pinned { t.accent } else { t.text_3 });
    crate::widgets::focus_ring(ui, &response, rect, 6);
    if response.clicked() {
        out.push(pin(record));
    }
    tip(response, denied.as_deref().unwrap_or(if pinned { "Unpin" } else { "Pin to the top" }));
}

fn pin(record: &Record) -> Act {
    let pinned = record.flag("pinned");
    let fields = FieldChanges::from([("pinned".to_owned(), (!pinned).then_some(true.into()))]);
    Act::Quietly(Action::SetFields { record: record.reference(), base_heads: Vec::new(), fields })
}

/// What can be done with an activity.
fn more_ui(ui: &mut Ui, scene: &Scene<'_>, record: &Record, out: &mut Vec<Act>) {
    let denied = scene.denied_edit(record);
    let denied = denied.as_deref();
    let when = format::day_and_time(record.time("occurred_at").unwrap_or_default(), scene.zone);
    let more = icon_button(ui, icons::MORE, &format!("Actions for {}, {when}", record.display_name()));
    menu(&more, 180.0, |ui| {
        if (Item { disabled: denied, ..Item::new(icons::PENCIL, "Edit…") }).show(ui) {
            out.push(Act::Edit(record.reference()));
        }
        let words = if record.flag("pinned") { "Unpin" } else { "Pin to the top" };
        if (Item { disabled: denied, ..Item::new(icons::PIN, words) }).show(ui) {
            out.push(pin(record));
        }
        if (Item { disabled: denied, ..Item::new(icons::TRASH, "Move to trash") }).show(ui) {
            out.push(Act::Do(Action::Delete(vec![record.reference()])));
        }
    });
}

/// Draws a page of everything that happened, newest first.
pub(super) fn timeline_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, detail, denied): Shown<'_>,
    state: &mut TimelineState,
    out: &mut Vec<Act>,
) {
    const PARTS: [(TimelinePart, &str); 3] = [
        (TimelinePart::All, "All"),
        (TimelinePart::Changes, "Changes"),
        (TimelinePart::Conversations, "Conversations"),
    ];
    let choices = PARTS.map(|(_, text)| Choice { icon: "", text });
    let on = PARTS.iter().position(|(part, _)| *part == state.part).unwrap_or(0);
    if let Some(index) = segmented(ui, &choices, on) {
        *state = TimelineState { part: PARTS[index].0, ..TimelineState::default() };
    }
    ui.add_space(space::S);
    let Some(entries) = view.feed.history() else { return };
    if entries.is_empty() {
        Empty { icon: icons::HISTORY, title: "Nothing has happened yet", text: "", actions: &[] }.show(ui);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut month = String::new();
    for (index, line) in lines(view.record.kind, entries, scene).into_iter().enumerate() {
        if line.month != month {
            ui.add_space(space::S);
            label(ui, &line.month, Type::CaptionStrong, tokens(ui).text_3);
            ui.add_space(space::XS);
            month.clone_from(&line.month);
        }
        // What stands now is no past to go back to.
        let past = line.restorable.filter(|_| state.page > 0 || index > 0);
        if line_ui(ui, (&line, index), past.filter(|_| denied.is_none()).is_some()) {
            state.going_back = past.map(|at| (at, index)).filter(|chosen| state.going_back != Some(*chosen));
        }
        if let Some((at, _)) = state.going_back.filter(|(_, of)| *of == index) {
            let fields = view.feed.as_of();
            going_back_ui(ui, scene, (view.record, &detail.heads, at), (fields, state), out);
        }
    }
    pages_ui(ui, entries.len(), state);
}

fn pages_ui(ui: &mut Ui, shown: usize, state: &mut TimelineState) {
    let older = shown >= PAGE as usize;
    if !older && state.page == 0 {
        return;
    }
    ui.add_space(space::M);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if state.page > 0 && Button::new("Newer").icon(icons::ARROW_LEFT).show(ui).clicked() {
            state.page -= 1;
            state.going_back = None;
        }
        if older && Button::new("Older").trailing(icons::ARROW_RIGHT).show(ui).clicked() {
            state.page += 1;
            state.going_back = None;
        }
    });
}

/// What going back to a moment would change, and the button that does it.
fn going_back_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (record, heads, at): (RecordRef, &[model::ChangeHash], Timestamp),
    (fields, state): (Option<&[AsOfField]>, &mut TimelineState),
    out: &mut Vec<Act>,
) {
    let t = tokens(ui);
    let Some(fields) = fields else { return };
    let frame = egui::Frame::new().fill(t.accent_soft).corner_radius(8).inner_margin(12);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        let when = format::day_and_time(at, scene.zone);
        paragraph(ui, &format!("Back to {when}"), Type::Label, t.text);
        if fields.is_empty() {
            paragraph(ui, "Everything is as it was then", Type::Dense, t.text_2);
        }
        for field in fields {
            field_then_ui(ui, scene, record.kind, field);
        }
        ui.add_space(space::XS);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            if !fields.is_empty() {
                let words = format!("Restore {}", format::many(fields.len() as u64, "field", "fields"));
                if Button::primary(&words).show(ui).clicked() {
                    out.push(Act::Do(restoring(record, heads, (at, fields))));
                    state.going_back = None;
                }
            }
            if Button::new("Leave as it is").show(ui).clicked() {
                state.going_back = None;
            }
        });
    });
    ui.add_space(space::S);
}

fn field_then_ui(ui: &mut Ui, scene: &Scene<'_>, kind: Kind, field: &AsOfField) {
    let t = tokens(ui);
    let shown = |value: &Option<model::Value>| {
        let text = value.as_ref().map(|value| shown_value(kind, &field.key, value, scene)).unwrap_or_default();
        shorten(or_empty(&text))
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        label(ui, &scene.field_words(kind, &field.key), Type::Dense, t.text_2);
        label(ui, &shown(&field.now), Type::Dense, t.text_2);
        icon(ui, icons::ARROW_RIGHT, 12.0, t.text_2);
        label(ui, &shown(&field.then), Type::DenseStrong, t.text);
    });
}

/// The one step that takes a record back. It is written from the page that was looked at, so that what somebody
/// changes at the same time is not lost unseen.
fn restoring(record: RecordRef, heads: &[model::ChangeHash], (at, fields): (Timestamp, &[AsOfField])) -> Action {
    let fields = fields.iter().map(|field| (field.key.clone(), field.then.clone())).collect();
    let edits = vec![Edit::Set { record, base_heads: heads.to_vec(), fields }];
    Action::Prepared { label: Label::RestoredTo(at), edits }
}

/// Draws a line; `true` when the record is to go back to it.
fn line_ui(ui: &mut Ui, (line, index): (&Line, usize), past: bool) -> bool {
    let t = tokens(ui);
    let top = ui.cursor().top();
    let mut back = false;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let (mark, _) = ui.allocate_exact_size(vec2(24.0, 28.0), Sense::hover());
        ui.painter().circle_filled(mark.center(), 12.0, t.surface_2);
        paint_icon(ui, mark.center(), line.icon, 14.0, t.text_2);
        ui.vertical(|ui| {
            let width = ui.available_width();
            let (head, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
            let end = head.right() - 30.0;
            let right = (pos2(end, head.center().y), Align2::RIGHT_CENTER);
            let when = paint(ui, right, &line.when, (Type::Caption, t.text_3), 120.0);
            let left = (pos2(head.left(), head.center().y), Align2::LEFT_CENTER);
            paint(ui, left, &line.text, (Type::Dense, t.text), when.left() - head.left() - 8.0);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, spoken(line)));
            tip(response, &line.when_full);
            if past {
                back = back_button(ui, head, (line, index));
            }
            if line.is_change {
                change_ui(ui, line);
            }
            if !line.late.is_empty() {
                label(ui, &crate::words::capital(&line.late), Type::Caption, t.text_3);
            }
            if !line.body.is_empty() {
                paragraph(ui, &line.body, Type::Dense, t.text_2);
            }
            ui.add_space(space::S);
        });
    });
    let bottom = ui.cursor().top();
    let x = ui.max_rect().left() + 12.0;
    let stroke = egui::Stroke::new(1.0, t.border);
    ui.painter().vline(x, (top + 28.0)..=bottom, stroke);
    back
}

fn back_button(ui: &Ui, head: egui::Rect, (line, index): (&Line, usize)) -> bool {
    let t = tokens(ui);
    let spot = egui::Rect::from_center_size(pos2(head.right() - 13.0, head.center().y), vec2(26.0, 26.0));
    let response = ui.interact(spot, egui::Id::unique(("back to", index)), Sense::click());
    let name = format!("Restore to here: {}, {}", spoken(line), line.when);
    crate::widgets::button::describe(&response, &name, None, None);
    if response.hovered() {
        ui.painter().rect_filled(spot, 6, t.surface_2);
    }
    if response.hovered()
        || response.has_focus()
        || ui.rect_contains_pointer(head)
        || ui.input(|input| input.any_touches())
    {
        paint_icon(ui, spot.center(), icons::RESTORE, 14.0, t.text_2);
    }
    crate::widgets::focus_ring(ui, &response, spot, 6);
    let clicked = response.clicked();
    tip(response, "Restore to here…");
    clicked
}

fn spoken(line: &Line) -> String {
    if line.is_change {
        format!("{}: {} to {}", line.text, or_empty(&line.before), or_empty(&line.after))
    } else {
        line.text.clone()
    }
}

fn or_empty(text: &str) -> &str {
    if text.is_empty() { "empty" } else { text }
}

fn change_ui(ui: &mut Ui, line: &Line) {
    let t = tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        label(ui, &shorten(or_empty(&line.before)), Type::Dense, t.text_3);
        icon(ui, icons::ARROW_RIGHT, 12.0, t.text_3);
        label(ui, &shorten(or_empty(&line.after)), Type::DenseStrong, t.text);
    });
}
