//! Keys that work everywhere (PRODUCT 8.2). Single letters are off while a text field has the keyboard.

use egui::{Context, Key, Modifiers};
use model::Kind;

use crate::act::Act;
use crate::app::App;
use crate::dialog::{Dialog, Palette};
use crate::routes::Screen;
use crate::undo::Way;

/// A first letter that waits for the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Chord {
    /// None.
    #[default]
    None,
    /// `G`: go to.
    Go,
    /// `N`: new.
    New,
}

/// The table that `?` shows.
pub(crate) const HELP: &[(&str, &[(&str, &str)])] = &[
    (
        "Everywhere",
        &[
            ("Ctrl K", "Search and commands"),
            ("/", "Filter the view"),
            ("G, then T P L C A R S", "Go to Today, Pipeline, Leads, Contacts, Accounts, Reports, Settings"),
            ("N, then L C A T V", "New lead, contact, account, task, activity"),
            ("Ctrl Z, Ctrl Shift Z", "Undo, redo"),
            ("Ctrl P", "Save the report or record as PDF"),
            ("Esc", "Close, go back"),
            ("?", "This table"),
        ],
    ),
    (
        "Lists and board",
        &[
            ("J K or ↓ ↑", "Next and previous"),
            ("← →", "Column to the left and right"),
            ("Home End", "First and last"),
            ("Enter", "Open"),
            ("Shift ← →", "Move to the previous or next stage"),
            ("Space", "Preview"),
            ("X, Shift ↓, Ctrl A", "Select: one, the next one too, all"),
            ("Shift W, Shift X", "Won, lost"),
            ("L, T", "Log what you did, new task"),
            ("O", "Set the owner"),
            ("F, S, V", "Filter, sort, saved views"),
            ("E", "Edit the row (lists)"),
        ],
    ),
    (
        "Records",
        &[("1 … 7", "Tab"), ("E", "Edit the title"), ("Ctrl Enter", "Save and close"), ("Ctrl S", "Save and stay")],
    ),
];

/// Whether a text field has the keyboard.
pub(crate) fn is_typing(ctx: &Context) -> bool {
    ctx.text_edit_focused()
}

impl App {
    /// Handles the keys that work everywhere.
    pub(crate) fn global_keys(&mut self, ctx: &Context, acts: &mut Vec<Act>) {
        if self.session.as_ref().is_none_or(|session| session.me.is_none()) {
            return;
        }
        let pressed = |modifiers, key| ctx.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::K) {
            acts.push(match self.dialog {
                Some(Dialog::Palette(_)) => Act::CloseDialog,
                _ => Act::Open(Box::new(Dialog::Palette(Palette::default()))),
            });
        }
        // A page saves what is typed as soon as its field is left.
        if self.dialog.is_none() && pressed(Modifiers::COMMAND, Key::S) {
            ctx.memory_mut(|memory| memory.focused().into_iter().for_each(|field| memory.surrender_focus(field)));
        }
        // Escape and Enter take the keyboard from a field before this is reached: they still belonged to it.
        let belongs_elsewhere = is_typing(ctx) || self.was_typing || crate::widgets::menu::is_any_open(ctx);
        if belongs_elsewhere || self.dialog.is_some() {
            self.keys = Chord::None;
            return;
        }
        // With Shift first: without it, the keys would be taken for Ctrl+Z.
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y) {
            acts.push(Act::StepLast(Way::Redo));
        }
        if pressed(Modifiers::COMMAND, Key::Z) {
            acts.push(Act::StepLast(Way::Undo));
        }
        match std::mem::take(&mut self.keys) {
            Chord::Go => self.second_of_go(ctx, acts),
            Chord::New => self.second_of_new(ctx, acts),
            Chord::None => self.single_keys(ctx, acts),
        }
    }

    /// Keys that no screen has taken.
    pub(crate) fn late_keys(&mut self, ctx: &Context, acts: &mut Vec<Act>) {
        let me = self.session.as_ref().and_then(|session| session.me.as_ref());
        let elsewhere =
            is_typing(ctx) || self.was_typing || self.dialog.is_some() || crate::widgets::menu::is_any_open(ctx);
        if me.is_none() || elsewhere {
            return;
        }
        let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::L) {
            acts.push(Act::QuickLog(None));
            swallow_text(ctx);
        }
        if pressed(Key::T) {
            acts.push(Act::New(Kind::Task, None));
            swallow_text(ctx);
        }
    }

    fn second_of_go(&mut self, ctx: &Context, acts: &mut Vec<Act>) {
        let places = [
            (Key::T, Screen::Today),
            (Key::P, Screen::Pipeline),
            (Key::L, Screen::List(Kind::Lead)),
            (Key::C, Screen::List(Kind::Contact)),
            (Key::A, Screen::List(Kind::Account)),
            (Key::R, Screen::Reports),
            (Key::S, Screen::Settings),
        ];
        match hit(ctx, &places) {
            Some(screen) => acts.push(Act::Go(screen)),
            None if !any_key(ctx) => self.keys = Chord::Go,
            None => {}
        }
    }

    fn second_of_new(&mut self, ctx: &Context, acts: &mut Vec<Act>) {
        let kinds = [
            (Key::L, Kind::Lead),
            (Key::C, Kind::Contact),
            (Key::A, Kind::Account),
            (Key::T, Kind::Task),
            (Key::V, Kind::Activity),
        ];
        match hit(ctx, &kinds) {
            Some(kind) => acts.push(Act::New(kind, None)),
            None if !any_key(ctx) => self.keys = Chord::New,
            None => {}
        }
    }

    fn single_keys(&mut self, ctx: &Context, acts: &mut Vec<Act>) {
        let pressed = |modifiers, key| ctx.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::NONE, Key::G) {
            self.keys = Chord::Go;
        }
        if pressed(Modifiers::NONE, Key::N) {
            self.keys = Chord::New;
        }
        // `?` arrives as a key of its own or as Shift and slash, whatever the layout.
        if pressed(Modifiers::NONE, Key::Questionmark) || pressed(Modifiers::SHIFT, Key::Slash) {
            acts.push(Act::Open(Box::new(Dialog::Help)));
        }
        if pressed(Modifiers::NONE, Key::Slash) || pressed(Modifiers::NONE, Key::F) {
            ctx.memory_mut(|memory| memory.request_focus(egui::Id::unique("filter")));
            swallow_text(ctx);
        }
        let in_the_air = self.screens.board.drag.is_some();
        if self.screens.peek.is_some() && !in_the_air && pressed(Modifiers::NONE, Key::Escape) {
            acts.push(Act::ClosePeek);
        }
        if matches!(self.route.screen, Screen::Detail(_)) && !in_the_air && pressed(Modifiers::NONE, Key::Escape) {
            acts.push(Act::Back);
        }
    }
}

/// The letter that sends the keyboard to a field is not also typed into it.
pub(crate) fn swallow_text(ctx: &Context) {
    ctx.input_mut(|input| input.events.retain(|event| !matches!(event, egui::Event::Text(_))));
}

fn hit<T: Copy>(ctx: &Context, keys: &[(Key, T)]) -> Option<T> {
    ctx.input_mut(|input| {
        keys.iter().find(|(key, _)| input.consume_key(Modifiers::NONE, *key)).map(|(_, value)| *value)
    })
}

fn any_key(ctx: &Context) -> bool {
    ctx.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Key { pressed: true, .. })))
}
