//! Files of records: opened with the program for them, or saved somewhere else.

use model::RecordId;
use model::app::{Request, RequestId, Trouble};

use crate::app::{App, Effect};
use crate::words;

/// What a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// To be shown by the program for it.
    Open,
    /// To be saved where the person says.
    Save,
}

/// Endings of what programs show or play. Anything else could be a program itself, and is only ever saved.
const SHOWN: [&str; 28] = [
    "avif", "bmp", "csv", "doc", "docx", "eml", "flac", "gif", "ics", "jpeg", "jpg", "md", "mp3", "mp4", "odp", "ods",
    "odt", "ogg", "pdf", "png", "ppt", "pptx", "txt", "vcf", "wav", "webp", "xls", "xlsx",
];

/// Whether a file of this name is opened by a program that shows it.
pub(crate) fn opens(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| SHOWN.contains(&ending.as_str()))
}

impl App {
    pub(crate) fn read_file(&mut self, attachment: RecordId, reads: Reads) {
        let id = self.feed.fresh_id();
        self.reading.insert(id, reads);
        self.send(Request::ReadFile { id, attachment });
    }

    pub(crate) fn file_read(&mut self, id: RequestId, outcome: Result<(String, Vec<u8>), Trouble>) {
        let Some(reads) = self.reading.remove(&id) else { return };
        match outcome {
            Ok((name, bytes)) if reads == Reads::Open && opens(&name) => {
                self.effects.push(Effect::OpenFile { name, bytes });
            }
            Ok((name, bytes)) => self.effects.push(Effect::SaveFile { name, bytes }),
            Err(trouble) => self.toasts.bad(words::trouble(&trouble), self.ids.now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::opens;

    #[test]
    fn what_could_run_is_never_opened() {
        for name in ["quote.pdf", "Photo.JPG", "a.b.docx"] {
            assert!(opens(name), "{name}");
        }
        for name in ["setup.exe", "run.sh", "link.desktop", "page.html", "macro.docm", "drawing.svg", "pdf", ""] {
            assert!(!opens(name), "{name}");
        }
    }
}
