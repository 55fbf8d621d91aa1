//! The import's requests.

use model::app::Request;

use crate::app::App;
use crate::routes::{Route, Screen};
use crate::screens::import::Step;

impl App {
    /// Opens a file for import and shows the import screen.
    pub(crate) fn open_import(&mut self, name: String, bytes: Vec<u8>) {
        if self.session.as_ref().is_none_or(|session| session.me.is_none()) {
            return;
        }
        self.dialog = None;
        self.show(Route::to(Screen::Import));
        let id = self.feed.fresh_id();
        self.screens.import.begin((name.clone(), bytes.clone()), id);
        self.send(Request::ImportOpen { id, name, bytes, options: Default::default() });
    }

    /// Reads the file again, with what was chosen meanwhile.
    pub(crate) fn import_preview(&mut self) {
        let id = self.feed.fresh_id();
        self.screens.import.wait(Step::Reading, id);
        let (name, bytes) = (self.screens.import.file.clone(), self.screens.import.bytes.clone());
        let options = self.screens.import.options.clone();
        self.send(Request::ImportOpen { id, name, bytes, options });
    }

    /// Works out what the import would do.
    pub(crate) fn import_dry_run(&mut self) {
        let id = self.feed.fresh_id();
        self.screens.import.wait(Step::Checking, id);
        self.send(Request::ImportDryRun { id, options: self.screens.import.options.clone() });
    }

    /// Imports.
    pub(crate) fn import_commit(&mut self) {
        let id = self.feed.fresh_id();
        self.screens.import.wait(Step::Running(0, 0), id);
        self.send(Request::ImportCommit { id, options: self.screens.import.options.clone() });
    }

    /// Takes the import back.
    pub(crate) fn import_undo(&mut self) {
        let Some(import) = self.screens.import.import() else { return };
        let id = self.feed.fresh_id();
        self.screens.import.wait(Step::Done, id);
        self.send(Request::ImportUndo { id, import });
    }
}
