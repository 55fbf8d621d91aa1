//! Backups and exports: asked for, and what comes of them.

use model::Kind;
use model::app::{BackupDone, FileSource, Request, RequestId, Trouble};
use model::query::{ExportForm, Query};

use crate::app::{App, Effect};
use crate::screens::settings::data::{Work, backup_words};
use crate::words;

impl App {
    /// Asks for everything of a kind as a file.
    pub(crate) fn export_kind(&mut self, kind: Kind, form: ExportForm) {
        let ending = match form {
            ExportForm::Csv => "csv",
            ExportForm::Json => "json",
            ExportForm::VCard3 | ExportForm::VCard4 => "vcf",
        };
        let id = self.feed.fresh_id();
        self.exporting.insert(id, format!("{}.{ending}", kind.plural()));
        self.send(Request::Ask(id, Query::Export { kind, form }));
    }

    /// Lets the person say where a backup goes.
    pub(crate) fn choose_backup_place(&mut self) {
        self.effects.push(Effect::ChoosePlace { name: self.backup_name() });
    }

    fn backup_name(&self) -> String {
        format!("TrailTrack {}.zip", self.ids.now.date_in(&self.zone))
    }

    /// Writes a backup to the file that the person chose; without one, it is saved when it is there.
    pub fn place_chosen(&mut self, path: Option<String>) {
        let id = self.feed.fresh_id();
        self.screens.archive.busy = Some(Work::BackingUp);
        self.send(Request::Backup { id, to: path });
    }

    /// Restores the backup in a file that the person chose by its path.
    pub fn backup_chosen(&mut self, path: String) {
        self.choosing = None;
        self.restore(FileSource::Path(path));
    }

    pub(crate) fn restore(&mut self, source: FileSource) {
        let id = self.feed.fresh_id();
        self.screens.archive.busy = Some(Work::Restoring);
        self.start.trouble = None;
        self.start.busy = true;
        self.send(Request::RestoreBackup { id, source });
    }

    pub(crate) fn backed_up(&mut self, _: RequestId, outcome: Result<(BackupDone, Vec<u8>), Trouble>) {
        self.screens.archive.busy = None;
        match outcome {
            Ok((done, bytes)) => {
                if !bytes.is_empty() {
                    self.effects.push(Effect::SaveFile { name: self.backup_name(), bytes });
                }
                self.screens.archive.last = Some((self.ids.now, done));
                self.toasts.good(format!("Backed up {}", backup_words(&done)), self.ids.now);
            }
            Err(trouble) => self.toasts.bad(words::trouble(&trouble), self.ids.now),
        }
    }

    pub(crate) fn restored(&mut self, outcome: Result<BackupDone, Trouble>) {
        self.screens.archive.busy = None;
        self.start.busy = false;
        match outcome {
            Ok(done) => self.toasts.good(format!("Restored {}", backup_words(&done)), self.ids.now),
            Err(trouble) if self.session.as_ref().is_some_and(|session| session.me.is_none()) => {
                self.start.trouble = Some(words::trouble(&trouble));
            }
            Err(trouble) => self.toasts.bad(words::trouble(&trouble), self.ids.now),
        }
    }
}
