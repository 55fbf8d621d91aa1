//! Showing an attached file with the system's program for it: a copy that nobody else can read and nothing can write.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Longest file name, in bytes, that every file system takes with room to spare.
const NAME_MAX: usize = 150;

/// Opens a copy of a file.
pub(crate) fn open(name: &str, bytes: &[u8]) -> io::Result<()> {
    open::that_detached(copy(name, bytes)?)
}

/// Writes the copy into a folder of its own; the system clears it away with its other temporary files.
fn copy(name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = tempfile::Builder::new().prefix("trailtrack-").tempdir()?.keep();
    let path = folder.join(safe(name));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    options.open(&path)?.write_all(bytes)?;
    Ok(path)
}

/// The last part of a name, without what a file system or a program could take for something else.
fn safe(name: &str) -> String {
    let last = Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|letter| if letter.is_control() || "/\\:*?\"<>|".contains(letter) { '_' } else { letter })
        .collect();
    let plain = plain.trim_start_matches(['-', '.']);
    let from = plain.char_indices().map(|(at, _)| at).find(|at| plain.len() - at <= NAME_MAX).unwrap_or(0);
    // The ending says what the file is, so the beginning goes.
    if plain.is_empty() { "file".to_owned() } else { plain[from..].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder_and_is_no_option() {
        for (name, copy) in [
            ("Quote 12.pdf", "Quote 12.pdf"),
            ("../../etc/passwd", "passwd"),
            ("--help.pdf", "help.pdf"),
            (".hidden.txt", "hidden.txt"),
            ("a\u{7}b:c.txt", "a_b_c.txt"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(safe(name), copy, "{name}");
        }
        let long = format!("{}.pdf", "é".repeat(200));
        assert!(safe(&long).len() <= NAME_MAX && safe(&long).ends_with("é.pdf"));
    }

    #[test]
    fn the_copy_has_the_bytes_and_can_not_be_written() {
        let path = copy("plan.txt", b"content").expect("there is room");

        assert_eq!(std::fs::read(&path).expect("it is there"), b"content");
        assert!(std::fs::metadata(&path).expect("it is there").permissions().readonly());
        std::fs::remove_dir_all(path.parent().expect("it has a folder")).expect("it can be removed");
    }
}
