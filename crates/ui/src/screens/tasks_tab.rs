//! The tasks of a record: a line to type a new one into, the open ones by day, the done ones folded.

use egui::{Id, Ui};
use model::input::task_line;
use model::query::{Detail, Row};
use model::{Kind, RecordRef};

use super::rows::{long_rows_ui, task_row};
use crate::act::Act;
use crate::icons;
use crate::present::format;
use crate::scene::Scene;
use crate::theme::space;
use crate::widgets::empty::Empty;
use crate::widgets::{Button, Field, caption};

/// What the tab remembers between frames.
#[derive(Debug, Default)]
pub(crate) struct TasksState {
    /// What is typed for a new task.
    pub(crate) line: String,
    /// Done tasks show.
    done: bool,
}

/// Draws the tab.
pub(super) fn tasks_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (record, detail): (RecordRef, &Detail),
    state: &mut TasksState,
    out: &mut Vec<Act>,
) {
    line_ui(ui, scene, record, state, out);
    ui.add_space(space::M);
    let tasks = detail.related.get(&Kind::Task).map(Vec::as_slice).unwrap_or_default();
    let (mut open, mut done): (Vec<&Row>, Vec<&Row>) =
        tasks.iter().partition(|row| matches!(row.record.text("status"), "" | "open"));
    open.sort_by_key(|row| (row.record.time("due_at").is_none(), row.record.time("due_at"), row.record.id));
    done.sort_by_key(|row| std::cmp::Reverse((row.record.time("completed_at"), row.record.id)));
    if open.is_empty() && done.is_empty() {
        let text = "Plan what happens next, so that nothing is forgotten.";
        Empty { icon: icons::TASK, title: "No tasks here yet", text, actions: &[] }.show(ui);
    }
    if !open.is_empty() {
        let total = open.len() as u64;
        long_rows_ui(ui, scene, (&open, total, "open tasks"), |ui, rect, row| task_row(ui, rect, scene, row, out));
    }
    if done.is_empty() {
        return;
    }
    ui.add_space(space::S);
    let all = detail.counts.get(&Kind::Task).copied().unwrap_or_default();
    // Open ones come first, so only done ones may be missing.
    let total = all.saturating_sub((tasks.len() - done.len()) as u64);
    let words = format!("{} done", format::grouped(total));
    let mark = if state.done { icons::UP } else { icons::DOWN };
    if Button::quiet(&words).icon(mark).selected(state.done).show(ui).clicked() {
        state.done = !state.done;
    }
    if state.done {
        long_rows_ui(ui, scene, (&done, total, "done tasks"), |ui, rect, row| task_row(ui, rect, scene, row, out));
    }
}

fn line_ui(ui: &mut Ui, scene: &Scene<'_>, record: RecordRef, state: &mut TasksState, out: &mut Vec<Act>) {
    let denied = scene.denied_create(Kind::Task);
    let id = Id::unique(("task line", record.id));
    let field = Field::new("New task").bare().hint("Send quote fri 10am !high").icon(icons::PLUS).id(id);
    let response = field.disabled(denied.as_deref()).show(ui, &mut state.line);
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if let Some(words) = understood(&state.line, scene) {
        caption(ui, &words);
    }
    if entered && !state.line.trim().is_empty() {
        out.push(Act::QuickTask(record));
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

/// What is read off the line beside the title.
fn understood(line: &str, scene: &Scene<'_>) -> Option<String> {
    let read = task_line(line, &scene.input());
    let due = read.due.map(|due| {
        let day = format::full_date(due.value.at.date_in(scene.zone));
        let time = (!due.value.all_day).then(|| format!(", {}", format::time_of_day(due.value.at, scene.zone)));
        format!("Due {day}{}", time.unwrap_or_default())
    });
    let priority = read.priority.map(|of| format!("{} priority", crate::words::capital(of.value)));
    let owner = read.owner.map(|of| format!("For @{}", of.value));
    let parts: Vec<String> = [due, priority, owner].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
