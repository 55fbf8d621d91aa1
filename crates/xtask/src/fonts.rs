//! The fonts that the relay serves beside the web client: Debian's packages of Noto, Droid and Nanum, and Noto Emoji.
//!
//! They are taken from where they are installed; otherwise the packages are unpacked into cargo's target folder, which
//! needs no rights. A font that can't be had is left out: names in its script are then up to each device's own fonts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::shell::{has_program, root, run, say, target_dir};

/// Where each font's line is.
const TABLE: &str = "client-web/web/fonts.txt";
/// Debian's packages that bring them.
const PACKAGES: &[&str] = &["fonts-noto-core", "fonts-droid-fallback", "fonts-nanum"];
/// The one font that no package of Debian brings in one colour.
const EMOJI: &str = "NotoEmoji-Regular.ttf";
const EMOJI_LICENCE: &str =
    "NotoEmoji-Regular.ttf: Copyright 2013 Google Inc., SIL Open Font License 1.1 (https://openfontlicense.org)";

/// A font as it is served.
pub(crate) struct Font {
    /// Its name below `/fonts/`.
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
}

/// Returns the fonts of the table, and a page about their licences.
pub(crate) fn collect() -> anyhow::Result<Vec<Font>> {
    let table = fs::read_to_string(root().join(TABLE)).with_context(|| format!("reading {TABLE}"))?;
    let wanted: Vec<(&str, &str)> = table.lines().filter_map(columns).collect();
    let folders = folders(&wanted);
    let mut fonts = Vec::new();
    for (name, file) in wanted {
        match content(file, &folders)? {
            Some(content) => fonts.push(Font { name: format!("{name}.ttf"), content }),
            None => say(format!("No {file}: names in this script depend on each device's own fonts")),
        }
    }
    fonts.push(Font { name: "LICENCES.txt".to_owned(), content: licences(&folders).into_bytes() });
    Ok(fonts)
}

fn columns(line: &str) -> Option<(&str, &str)> {
    let mut columns = line.split('|').map(str::trim);
    let (name, file) = (columns.next()?, columns.next()?);
    (!line.starts_with('#')).then_some((name, file))
}

/// Where the packages' files are: the system's own, or an unpacked copy.
fn folders(wanted: &[(&str, &str)]) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("/")];
    let is_missing =
        |folders: &[PathBuf]| wanted.iter().any(|(_, file)| *file != EMOJI && find(file, folders).is_none());
    let unpacked = target_dir().join("fonts");
    if is_missing(&folders) && unpacked.exists() {
        folders.push(unpacked.clone());
    }
    if is_missing(&folders) && has_program("apt-get") && has_program("dpkg-deb") {
        say("Fetching fonts for names in other scripts");
        match unpack(&unpacked) {
            Ok(()) => folders.push(unpacked),
            Err(error) => say(format!(
                "They can't be fetched here ({error:#}); `apt-get install {}` may help",
                PACKAGES.join(" ")
            )),
        }
    }
    folders
}

fn unpack(to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    run(Command::new("apt-get").current_dir(to).args(["download", "-qq"]).args(PACKAGES))?;
    for entry in fs::read_dir(to)? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(to))?;
            fs::remove_file(&package)?;
        }
    }
    Ok(())
}

fn find(file: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let places = ["noto", "droid", "nanum"].map(|place| Path::new("usr/share/fonts/truetype").join(place));
    let paths = folders.iter().flat_map(|folder| places.iter().map(|place| folder.join(place).join(file)));
    paths.into_iter().find(|path| path.is_file())
}

fn content(file: &str, folders: &[PathBuf]) -> anyhow::Result<Option<Vec<u8>>> {
    if file == EMOJI {
        return Ok(Some(epaint_default_fonts::NOTO_EMOJI_REGULAR.to_vec()));
    }
    let Some(path) = find(file, folders) else { return Ok(None) };
    fs::read(&path).map(Some).with_context(|| format!("reading {}", path.display()))
}

/// What the packages say about themselves.
fn licences(folders: &[PathBuf]) -> String {
    let mut text = format!("{EMOJI_LICENCE}\n");
    for package in PACKAGES {
        let place = Path::new("usr/share/doc").join(package).join("copyright");
        let found = folders.iter().find_map(|folder| fs::read_to_string(folder.join(&place)).ok());
        let words = found.unwrap_or_else(|| "see Debian's package\n".to_owned());
        text.push_str(&format!("\n== {package}\n\n{words}"));
    }
    text
}
