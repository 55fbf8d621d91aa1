//! Asks for the day, or day and time, that a task is put off to.

use egui::{Context, Id, Key, Modifiers, Ui};
use model::input::{Lean, parse_moment};

use super::dialogs::frame;
use crate::act::Act;
use crate::dialog::WhenForm;
use crate::present::format;
use crate::scene::Scene;
use crate::theme::{Type, tokens};
use crate::widgets::{Button, Field, paragraph};

/// Draws the form; `true` when it is to be closed.
pub(super) fn when_ui(ctx: &Context, scene: &Scene<'_>, form: &mut WhenForm, out: &mut Vec<Act>) -> bool {
    let mut save = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
    let mut leave = false;
    let mut footer = |ui: &mut Ui| {
        save |= Button::primary("Put off").show(ui).clicked();
        leave = Button::new("Cancel").show(ui).clicked();
    };
    let mut entered = false;
    let closed = frame(scene, "Put off", 420.0).show(
        ctx,
        |ui| {
            paragraph(ui, &form.title, Type::Label, tokens(ui).text);
            let id = Id::unique("put off when");
            let problem = form.problem.as_deref();
            let field = Field::new("Due").hint("fri 10am, next week, 3 oct").problem(problem).id(id);
            let response = field.show(ui, &mut form.text);
            if response.changed() {
                form.problem = None;
            }
            if std::mem::take(&mut form.focus) {
                response.request_focus();
            }
            entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if let Some(words) = understood(&form.text, scene) {
                paragraph(ui, &words, Type::Caption, tokens(ui).text_2);
            }
        },
        Some(&mut footer),
    );
    if save || entered {
        out.push(Act::PutOff);
    }
    closed || leave
}

fn understood(text: &str, scene: &Scene<'_>) -> Option<String> {
    let read = parse_moment(text.trim(), &scene.input(), Lean::Ahead).ok()?;
    let day = format::full_date(read.at.date_in(scene.zone));
    Some(if read.all_day { format!("= {day}") } else { format!("= {}", format::day_and_time(read.at, scene.zone)) })
}
