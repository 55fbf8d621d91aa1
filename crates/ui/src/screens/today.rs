//! Today: what asks for attention most, my tasks by day, and figures beside them.

use std::collections::BTreeMap;

use egui::{Rect, Ui, UiBuilder, pos2, vec2};
use model::query::{BoardQuery, BoardSort, Condition, ListQuery, NextBest, Op, Overview, Query, Row, Sort};
use model::time::DAY_MILLIS;
use model::{Date, Kind, RecordId, Role, UserId, Value};

use super::rows::{next_step_ui, rows_ui, task_row};
use super::today_best::best_ui;
use super::today_side::{side_ui, tiles};
use crate::act::Act;
use crate::dialog::Dialog;
use crate::feed::{Feed, Slot};
use crate::icons;
use crate::present::format;
use crate::present::format::{day_heading, grouped};
use crate::routes::{Route, Screen};
use crate::scene::{Scene, Width};
use crate::tasks::NextStep;
use crate::theme::{Type, space, tokens};
use crate::widgets::empty::Empty;
use crate::widgets::picker::{PickOption, Picked, Picker};
use crate::widgets::{Button, card, label};

/// Next best actions that are asked for.
const BEST_MAX: u32 = 25;

/// Tasks that are shown of those overdue, and of those ahead.
const TASKS_MAX: u32 = 200;

/// What Today remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct TodayState {
    /// All next best actions show.
    more: bool,
}

/// What Today is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TodayView<'a> {
    /// The answers.
    pub(crate) feed: &'a Feed,
    /// Whose day it is, as the address says: empty is mine.
    pub(crate) who: &'a str,
    /// A finished task's record that waits for its next step.
    pub(crate) next_step: Option<&'a NextStep>,
    /// Records looked at lately, the last first.
    pub(crate) recent: &'a [(model::RecordRef, String)],
}

/// Whose day it is; `None` is everybody's. Only administrators look at others' days.
fn owner(scene: &Scene<'_>, who: &str) -> Option<UserId> {
    let me = scene.me()?;
    match who {
        "all" if me.role == Role::Admin => None,
        who if me.role == Role::Admin => Some(who.parse().unwrap_or(me.id)),
        _ => Some(me.id),
    }
}

/// The queries of this screen.
pub(crate) fn needs(scene: &Scene<'_>, who: &str) -> BTreeMap<Slot, Query> {
    let mut needs = BTreeMap::new();
    if scene.me().is_none() {
        return needs;
    }
    let owner = owner(scene, who);
    let condition = |field: &str, op, values| Condition { field: field.into(), op, values };
    let is = |field: &str, value: Value| condition(field, Op::Is, vec![value]);
    let theirs: Vec<Condition> = owner.into_iter().map(|owner| is("owner_id", owner.into())).collect();
    let with_theirs = |more: Vec<Condition>| theirs.iter().cloned().chain(more).collect::<Vec<_>>();
    let by = |field: &str, descending| vec![Sort { field: field.into(), descending }];
    let list = |kind, filter, sort, limit| Query::List(ListQuery { filter, sort, limit, ..ListQuery::of(kind) });
    // What is overdue is asked for by itself, so that it never crowds out what is due today.
    let start = |days: i32| scene.today.plus_days(days).start_in(scene.zone);
    let overdue = condition("due_at", Op::Under, vec![start(0).into()]);
    let ahead = condition("due_at", Op::Between, vec![start(0).into(), start(8).plus_millis(-1).into()]);
    for (slot, due) in [(Slot::Tasks, overdue), (Slot::Ahead, ahead)] {
        let tasks = with_theirs(vec![is("status", "open".into()), due]);
        needs.insert(slot, list(Kind::Task, tasks, by("due_at", false), TASKS_MAX));
    }
    let unplanned = with_theirs(vec![is("status", "open".into()), is("no_next_step", true.into())]);
    needs.insert(Slot::NoNextStep, list(Kind::Lead, unplanned, by("value_cents", true), 1));
    let (first, last) = scene.month();
    let closing = condition("expected_close_date", Op::Between, vec![first.into(), last.into()]);
    let closing = with_theirs(vec![is("status", "open".into()), closing]);
    needs.insert(Slot::Closing, list(Kind::Lead, closing, Vec::new(), 1));
    let windows = scene.settings.stages.iter().map(|stage| (stage.id.clone(), (0, 0))).collect();
    let sums = BoardQuery { filter: theirs.clone(), text: String::new(), sort: BoardSort::default(), windows };
    needs.insert(Slot::Sums, Query::Board(sums));
    let held = with_theirs(vec![is("type", "meeting".into()), is("occurred_at", scene.today.into())]);
    needs.insert(Slot::Meetings, list(Kind::Activity, held, by("occurred_at", false), 10));
    needs.insert(Slot::Suggestions, Query::Suggestions);
    needs.insert(Slot::NextBest, Query::NextBest { owner, limit: BEST_MAX });
    needs
}

/// Draws Today.
pub(crate) fn today_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    view: &TodayView<'_>,
    state: &mut TodayState,
    out: &mut Vec<Act>,
) {
    let Some(overview) = view.feed.overview() else { return };
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let margin = if scene.is_compact() { space::M } else { space::L };
        let width = (ui.available_width() - 2.0 * margin).min(1120.0);
        let (left, top) = (ui.max_rect().left() + margin, ui.max_rect().top() + margin);
        let side = scene.width == Width::Expanded;
        let main_width = if side { width - 300.0 - space::XL } else { width };
        let main = Rect::from_min_size(pos2(left, top), vec2(main_width, f32::INFINITY));
        let main = ui.scope_builder(UiBuilder::new().max_rect(main), |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.set_width(main_width);
            whose(ui, scene, view.who, out);
            if scene.width == Width::Medium {
                tiles(ui, scene, view, out);
                ui.add_space(space::S);
            }
            main_ui(ui, scene, (view, overview), state, out);
            if scene.is_compact() {
                ui.add_space(space::M);
                tiles(ui, scene, view, out);
            }
            if !side {
                side_ui(ui, scene, view, out);
            }
            ui.add_space(space::XL);
        });
        if side {
            let rest = Rect::from_min_size(pos2(left + main_width + space::XL, top), vec2(300.0, 400.0));
            ui.scope_builder(UiBuilder::new().max_rect(rest), |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                tiles(ui, scene, view, out);
                side_ui(ui, scene, view, out);
            });
        }
        ui.advance_cursor_after_rect(main.response.rect);
    });
}

/// An administrator chooses whose day shows.
fn whose(ui: &mut Ui, scene: &Scene<'_>, who: &str, out: &mut Vec<Act>) {
    let Some(me) = scene.me().filter(|me| me.role == Role::Admin && scene.people.len() > 1) else { return };
    let mut options = vec![PickOption::new("", "My day"), PickOption::new("all", "Everybody's day")];
    let others = scene.people.iter().filter(|person| person.id != me.id.record());
    options.extend(others.map(|of| PickOption::new(of.id.to_string(), format!("{}'s day", of.text("name")))));
    let current = options.iter().find(|option| option.key == who).map_or("My day", |option| &option.text).to_owned();
    let picker = Picker::new("Whose day", &current, &options).bare().width(220.0);
    if let Some(Picked::Choice(key)) = picker.show(ui).picked {
        out.push(Act::Filter("who", key));
    }
}

fn main_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (view, overview): (&TodayView<'_>, &Overview),
    state: &mut TodayState,
    out: &mut Vec<Act>,
) {
    let leads = overview.counts.get(&Kind::Lead).copied().unwrap_or(0);
    let lists = || [Slot::Tasks, Slot::Ahead].into_iter().filter_map(|slot| view.feed.list(slot));
    let rows: Vec<&Row> = lists().flat_map(|list| &list.rows).collect();
    if leads == 0 && rows.is_empty() {
        first_run(ui, scene, out);
        return;
    }
    if let Some(next) = view.next_step {
        next_step_ui(ui, next, out);
    }
    let waiting = view.feed.suggestions().iter().filter(|of| !of.is_mine).count() as u64;
    if waiting > 0 {
        suggestions_wait(ui, waiting, out);
    }
    if let Some(best) = view.feed.next_best() {
        best_ui(ui, scene, best, &mut state.more, out);
    }
    let unplanned = view.feed.list(Slot::NoNextStep).map_or(0, |list| list.total);
    if rows.is_empty() && lists().count() == 2 {
        nothing_due(ui, unplanned, out);
    }
    let overdue = view.feed.list(Slot::Tasks).map_or(0, |list| list.total);
    for group in groups(rows, (scene, view.feed.next_best())) {
        let count = if group.late { overdue } else { group.rows.len() as u64 };
        group_ui(ui, scene, (group, count), out);
    }
}

fn suggestions_wait(ui: &mut Ui, waiting: u64, out: &mut Vec<Act>) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.info_soft).corner_radius(8).inner_margin(egui::Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal_wrapped(|ui| {
            crate::widgets::icon(ui, icons::INFO, 16.0, t.info);
            let text = format!("{} for your answer", format::many(waiting, "suggestion waits", "suggestions wait"));
            label(ui, &text, Type::Label, t.text);
            if Button::new("Look at them").show(ui).clicked() {
                let mut route = Route::to(Screen::Settings);
                route.query.push(("s".to_owned(), "sync".to_owned()));
                out.push(Act::Visit(route));
            }
        });
    });
}

fn first_run(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Act>) {
    let denied = scene.denied_create(Kind::Lead);
    let empty = Empty {
        icon: icons::SPARKLE,
        title: "Welcome to TrailTrack",
        text: match denied {
            Some(_) => "There is nothing here yet. Leads your team adds show up by themselves.",
            None => "Add your first lead, bring your data along, or look around with sample data.",
        },
        actions: if denied.is_some() { &[] } else { &["Add a lead", "Import", "Try sample data"] },
    };
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        match empty.show(ui) {
            Some(0) => out.push(Act::New(Kind::Lead, None)),
            Some(1) => out.push(Act::Go(Screen::Import)),
            Some(_) => out.push(Act::Open(Box::new(Dialog::Sample))),
            None => {}
        }
    });
}

fn nothing_due(ui: &mut Ui, unplanned: u64, out: &mut Vec<Act>) {
    let t = tokens(ui);
    card(ui, 16, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            crate::widgets::icon(ui, icons::SUCCESS, 20.0, t.success);
            let text = match unplanned {
                0 => "Nothing due in the next 7 days".to_owned(),
                count => format!("Nothing due. {} no next step.", format::many(count, "lead has", "leads have")),
            };
            label(ui, &text, Type::Body, t.text);
            if unplanned > 0 && Button::new("Plan them").show(ui).clicked() {
                out.push(Act::Go(Screen::List(Kind::Lead)));
                out.push(Act::Filter("f", "open,mine,unplanned".into()));
            }
        });
    });
}

/// Tasks of one heading.
struct Group<'a> {
    heading: String,
    late: bool,
    rows: Vec<&'a Row>,
}

/// Due moment, then priority, then how urgent Next Best Action finds it.
fn groups<'a>(mut rows: Vec<&'a Row>, (scene, best): (&Scene<'_>, Option<&NextBest>)) -> Vec<Group<'a>> {
    let urgency = |row: &Row| match row.record.text("priority") {
        "high" => 0,
        "low" => 2,
        _ => 1,
    };
    let scores: BTreeMap<RecordId, i64> =
        best.into_iter().flat_map(|best| &best.rows).map(|of| (of.row.record.id, of.scored.points.total())).collect();
    let score = |row: &Row| {
        let about = row.record.link("linked_id");
        scores.get(&row.record.id).or_else(|| scores.get(&about?)).copied().unwrap_or(0)
    };
    rows.sort_by_key(|row| (row.record.time("due_at"), urgency(row), -score(row)));
    let mut groups: Vec<Group<'a>> = Vec::new();
    let day = |row: &Row| -> Option<Date> { row.record.time("due_at").map(|due| due.date_in(scene.zone)) };
    for row in rows {
        let (heading, late) = match day(row) {
            Some(day) if day < scene.today => ("Overdue".to_owned(), true),
            Some(day) if day == scene.today => ("Due today".to_owned(), false),
            Some(day) => (day_heading(day, scene.today), false),
            None => continue,
        };
        match groups.last_mut().filter(|last| last.heading == heading) {
            Some(last) => last.rows.push(row),
            None => groups.push(Group { heading, late, rows: vec![row] }),
        }
    }
    groups
}

fn group_ui(ui: &mut Ui, scene: &Scene<'_>, (group, count): (Group<'_>, u64), out: &mut Vec<Act>) {
    let t = tokens(ui);
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        label(ui, &group.heading, Type::Label, if group.late { t.danger } else { t.text });
        label(ui, &grouped(count), Type::Dense, t.text_3);
    });
    rows_ui(ui, scene, group.rows, |ui, rect, row| task_row(ui, rect, scene, row, out));
}

/// Days since a moment, for ages.
pub(crate) fn days_since(scene: &Scene<'_>, at: model::Timestamp) -> i64 {
    scene.now.millis_since(at).div_euclid(DAY_MILLIS)
}
