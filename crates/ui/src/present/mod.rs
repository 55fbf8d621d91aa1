//! From answers to what is on the screen: ready strings, pills and rights. Nothing here draws.

pub(crate) mod card;
pub(crate) mod columns;
pub(crate) mod escape;
pub(crate) mod fields;
pub(crate) mod filters;
pub(crate) mod format;
pub(crate) mod history;
pub(crate) mod markdown;
pub(crate) mod optimistic;
pub(crate) mod reports;
pub(crate) mod smart;
pub(crate) mod wheres;

use model::query::Row;
use model::{StageKind, Timestamp};

use crate::icons;
use crate::scene::Scene;
use crate::theme::Tone;
use crate::widgets::Pill;

/// The pill of a due moment: red when overdue, green today, grey later (PRODUCT 8.3).
pub(crate) fn due_pill(scene: &Scene<'_>, due: Option<Timestamp>, title: &str) -> Pill {
    let Some(due) = due else {
        return Pill { icon: icons::CLOCK, text: "No date".into(), tone: Tone::Neutral, tip: title.to_owned() };
    };
    let days = due.date_in(scene.zone).days_since(scene.today);
    let (icon, tone) = match days {
        ..0 => (icons::WARNING, Tone::Danger),
        0 => (icons::CLOCK, Tone::Success),
        _ => (icons::CALENDAR, Tone::Neutral),
    };
    let text = format::due_date(due.date_in(scene.zone), scene.today);
    let tip = format!("{title}\n{}", format::full_time(due, scene.zone)).trim().to_owned();
    Pill { icon, text, tone, tip }
}

/// The pill of a lead's next step; closed leads have none.
pub(crate) fn next_step_pill(scene: &Scene<'_>, row: &Row) -> Option<Pill> {
    if let Some(task) = &row.next_task {
        return Some(due_pill(scene, task.due_at, &task.title));
    }
    let none = || Pill {
        icon: icons::FLAG,
        text: "No next step".into(),
        tone: Tone::Warning,
        tip: "No open task. Plan what happens next".into(),
    };
    (stage_kind(scene, row) == StageKind::Open).then(none)
}

/// What the lead's stage means.
pub(crate) fn stage_kind(scene: &Scene<'_>, row: &Row) -> StageKind {
    scene.settings.stage_kind(row.record.place().0)
}

/// Days since the lead was last touched, when it rots.
pub(crate) fn rotting_days(scene: &Scene<'_>, row: &Row) -> Option<i32> {
    let touched = row.last_touch_at.or(row.stage_entered_at).or_else(|| row.record.time("created_at"))?;
    row.rotting.then(|| scene.today.days_since(touched.date_in(scene.zone)))
}
