//! Archives from unknown hands: each kind of bad one has its own error, and none panics.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};

use expect_test::expect;
use interchange::backup::{
    About, Archive, FileEntry, Happening, Manifest, OpenBackupError, Packer, Part, Person, checksum_of, happening_line,
    history_lines, history_name, kinds_with_history, records_name,
};
use model::{DeviceId, Kind, RecordId, Timestamp, UserId, Value, build};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const FILE: &[u8] = b"a file";

fn about() -> About {
    let person = Person { id: UserId::from_bytes([1; 16]), name: "Ada".into(), email: String::new() };
    About { made_at: Timestamp::from_millis(0), person, workspace: None, refused: 0 }
}

fn good() -> Vec<u8> {
    let mut packer = Packer::new(Cursor::new(Vec::new()), about());
    let names = Kind::ALL.into_iter().map(records_name).chain(kinds_with_history().map(history_name));
    for name in names {
        packer.add_part(&Part { name, bytes: b"{}\n".to_vec() }).unwrap();
    }
    let file = |sha256: String, size: usize| FileEntry { sha256, size_bytes: size as u64, missing: false };
    packer.add_file(file(checksum_of(FILE), FILE.len()), Some(&mut &*FILE)).unwrap();
    packer.add_file(file(checksum_of(b"elsewhere"), 9), None).unwrap();
    packer.finish().unwrap().0.into_inner()
}

/// The entries of an archive, to be written again otherwise.
fn entries(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut entries = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        entries.insert(name, content);
    }
    entries
}

fn archive(entries: &BTreeMap<String, Vec<u8>>, files: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method = if name.starts_with("files/") { files } else { CompressionMethod::Deflated };
        zip.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Opens the good archive after `change`.
fn open_with(change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>, &mut Manifest)) -> Result<(), OpenBackupError> {
    let mut entries = entries(&good());
    let mut manifest: Manifest = serde_json::from_slice(&entries["manifest.json"]).unwrap();
    change(&mut entries, &mut manifest);
    if entries.contains_key("manifest.json") {
        entries.insert("manifest.json".into(), serde_json::to_vec(&manifest).unwrap());
    }
    Archive::open(Cursor::new(archive(&entries, CompressionMethod::Stored))).map(drop)
}

#[test]
fn a_good_archive_gives_back_its_parts_and_files() {
    let mut archive = Archive::open(Cursor::new(good())).unwrap();

    assert_eq!(archive.parts().unwrap().len(), Kind::ALL.len() + kinds_with_history().count());
    let files = archive.manifest().files.clone();
    assert_eq!(files.iter().map(|file| file.missing).collect::<Vec<_>>(), [false, true]);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.file(&files[0]).unwrap().unwrap(), &mut bytes).unwrap();
    assert_eq!(bytes, FILE);
    assert!(archive.file(&files[1]).unwrap().is_none());
    assert!(open_with(|_, _| {}).is_ok());
}

#[test]
fn the_same_records_make_the_same_bytes() {
    assert_eq!(good(), good());
}

#[test]
fn a_file_that_is_another_than_it_should_be_is_missing() {
    let mut packer = Packer::new(Cursor::new(Vec::new()), about());
    let wanted = FileEntry { sha256: checksum_of(FILE), size_bytes: FILE.len() as u64, missing: false };
    packer.add_file(wanted.clone(), Some(&mut &b"a fill"[..])).unwrap();
    packer.add_file(FileEntry { sha256: "../x".into(), ..wanted }, Some(&mut &*FILE)).unwrap();

    let (out, manifest) = packer.finish().unwrap();

    assert!(manifest.files.iter().all(|file| file.missing));
    assert_eq!(entries(&out.into_inner()).into_keys().collect::<Vec<_>>(), ["manifest.json"]);
}

#[test]
fn an_archive_cut_off_anywhere_is_refused() {
    let good = good();
    for length in (0..good.len()).step_by(17) {
        assert!(Archive::open(Cursor::new(good[..length].to_vec())).is_err(), "{length}");
    }
}

#[test]
fn any_flipped_bit_is_refused_or_harmless() {
    let good = good();
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 1 << (place % 8);
        let Ok(mut opened) = Archive::open(Cursor::new(bad)) else { continue };
        // What is still taken says the same: times and attributes of entries are nobody's business.
        let parts = opened.parts().unwrap();
        assert!(parts.iter().all(|part| part.bytes == b"{}\n"), "{place}");
    }
}

#[test]
fn what_is_no_backup_is_named_so() {
    assert!(matches!(Archive::open(Cursor::new(b"Name,Email\n".to_vec())), Err(OpenBackupError::NotAnArchive(_))));
    let zip = archive(&BTreeMap::new(), CompressionMethod::Stored);
    assert!(matches!(Archive::open(Cursor::new(zip)), Err(OpenBackupError::NoManifest)));
    let foreign = open_with(|_, manifest| manifest.format = "other".into());
    assert!(matches!(foreign, Err(OpenBackupError::NoManifest)));
    let gone = open_with(|entries, _| drop(entries.remove("manifest.json")));
    assert!(matches!(gone, Err(OpenBackupError::NoManifest)));
}

#[test]
fn a_newer_archive_or_schema_is_refused_as_that() {
    assert!(matches!(open_with(|_, manifest| manifest.version = 2), Err(OpenBackupError::Newer)));
    assert!(matches!(open_with(|_, manifest| manifest.schema = 99), Err(OpenBackupError::Newer)));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in ["../../etc/passwd", "/etc/passwd", "files/../x.ndjson", "files/x", "C:\\x", "other.ndjson", "files/"] {
        let refused = open_with(|entries, _| drop(entries.insert(name.into(), Vec::new())));
        assert!(matches!(refused, Err(OpenBackupError::ForeignName { .. })), "{name}: {refused:?}");
    }
    let named = open_with(|entries, manifest| {
        let part = manifest.parts["leads.ndjson"].clone();
        manifest.parts.insert("../up.ndjson".into(), part);
        entries.insert("../up.ndjson".into(), b"{}\n".to_vec());
    });
    assert!(matches!(named, Err(OpenBackupError::ForeignName { .. })), "{named:?}");
}

#[test]
fn what_the_manifest_names_has_to_be_there() {
    let part = open_with(|entries, _| drop(entries.remove("leads.ndjson")));
    assert!(matches!(part, Err(OpenBackupError::Missing { .. })), "{part:?}");
    let file = open_with(|entries, _| entries.retain(|name, _| !name.starts_with("files/")));
    assert!(matches!(file, Err(OpenBackupError::Missing { .. })), "{file:?}");
}

#[test]
fn changed_content_is_damage() {
    let part = open_with(|entries, _| drop(entries.insert("leads.ndjson".into(), b"[]\n".to_vec())));
    assert!(matches!(part, Err(OpenBackupError::Damaged { .. })), "{part:?}");
    let count = open_with(|_, manifest| manifest.parts.get_mut("leads.ndjson").unwrap().count = 2);
    assert!(matches!(count, Err(OpenBackupError::Damaged { .. })), "{count:?}");
    let file = open_with(|entries, _| {
        drop(entries.insert(format!("files/{}", checksum_of(FILE)), b"a fill".to_vec()));
    });
    assert!(matches!(file, Err(OpenBackupError::Damaged { .. })), "{file:?}");
}

#[test]
fn a_bomb_is_not_inflated() {
    let longer = open_with(|entries, _| drop(entries.insert("leads.ndjson".into(), vec![b'\n'; 50_000_000])));
    assert!(matches!(longer, Err(OpenBackupError::TooLarge { .. })), "{longer:?}");
    let promised = open_with(|_, manifest| manifest.parts.get_mut("leads.ndjson").unwrap().size_bytes = u64::MAX);
    assert!(matches!(promised, Err(OpenBackupError::TooLarge { .. })), "{promised:?}");
    let manifest = {
        let mut entries = entries(&good());
        entries.insert("manifest.json".into(), vec![b' '; 40_000_000]);
        Archive::open(Cursor::new(archive(&entries, CompressionMethod::Stored))).map(drop)
    };
    assert!(matches!(manifest, Err(OpenBackupError::TooLarge { .. })), "{manifest:?}");
    let files = open_with(|_, manifest| manifest.files[0].size_bytes = u64::MAX);
    assert!(matches!(files, Err(OpenBackupError::TooLarge { .. })), "{files:?}");
}

#[test]
fn files_are_not_compressed_so_none_of_them_is_a_bomb() {
    let bomb = vec![0; 3_000_000];
    let mut entries = entries(&good());
    let mut manifest: Manifest = serde_json::from_slice(&entries["manifest.json"]).unwrap();
    manifest.files = vec![FileEntry { sha256: checksum_of(&bomb), size_bytes: 1_000, missing: false }];
    entries.retain(|name, _| !name.starts_with("files/"));
    entries.insert(format!("files/{}", checksum_of(&bomb)), bomb);
    entries.insert("manifest.json".into(), serde_json::to_vec(&manifest).unwrap());

    let refused = Archive::open(Cursor::new(archive(&entries, CompressionMethod::Deflated)));

    assert!(matches!(refused, Err(OpenBackupError::TooLarge { .. })), "{refused:?}");
}

#[test]
fn the_form_of_the_first_version_stays() {
    let mut lead = build::lead("Website").worth(1_250_000).in_stage("won").with("tags/hot", true).record();
    lead.id = RecordId::from_bytes([7; 16]);
    for (key, value) in [
        ("custom/Since", Value::Date("2026-10-03".parse().unwrap())),
        ("custom/Seen", Value::Time(Timestamp::from_millis(1_000))),
        ("custom/Partner", Value::Id(RecordId::from_bytes([8; 16]))),
        ("custom/Seats", Value::Int(5)),
        ("custom/Text", Value::from("2026-10-03")),
        ("expected_close_date", Value::Date("2026-10-03".parse().unwrap())),
        ("owner_id", Value::Id(RecordId::from_bytes([1; 16]))),
    ] {
        lead.fields.insert(key.into(), value);
    }
    let mut fields: model::FieldChanges =
        lead.fields.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    fields.insert("source".into(), None);
    let happening = Happening {
        at: Timestamp::from_millis(5_000),
        by: Some((UserId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]))),
        created: true,
        fields,
    };

    let line = happening_line(lead.reference(), &happening).unwrap();

    expect![[r#"
        {"id":"07070707-0707-0707-0707-070707070707","at":"1970-01-01T00:00:05.000Z","user_id":"01010101-0101-0101-0101-010101010101","device_id":"02020202-0202-0202-0202-020202020202","created":true,"fields":{"created_at":"2026-03-02T09:00:00.000Z","custom/Partner":{"id":"08080808-0808-0808-0808-080808080808"},"custom/Seats":5,"custom/Seen":{"time":"1970-01-01T00:00:01.000Z"},"custom/Since":{"date":"2026-10-03"},"custom/Text":"2026-10-03","expected_close_date":"2026-10-03","owner_id":"01010101-0101-0101-0101-010101010101","place":"won|80","source":null,"tags/hot":true,"title":"Website","value_cents":1250000}}
    "#]].assert_eq(&line);
    let part = Part { name: history_name(Kind::Lead), bytes: line.into_bytes() };
    let read: Vec<_> = history_lines(Kind::Lead, &part).collect::<Result<_, _>>().unwrap();
    assert_eq!(read, [(lead.id, happening)]);
    let manifest = Archive::open(Cursor::new(good())).unwrap().manifest().clone();
    let manifest = Manifest { parts: manifest.parts.into_iter().take(1).collect(), ..manifest };
    expect![[r#"
        {
          "format": "trailtrack-backup",
          "version": 1,
          "schema": 1,
          "made_at": "1970-01-01T00:00:00.000Z",
          "person": {
            "id": "01010101-0101-0101-0101-010101010101",
            "name": "Ada",
            "email": ""
          },
          "workspace": null,
          "refused": 0,
          "parts": {
            "accounts.ndjson": {
              "count": 1,
              "size_bytes": 3,
              "sha256": "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"
            }
          },
          "files": [
            {
              "sha256": "7365d029861e32c521f8089b00a6fb32daf0615025b69b599d1ce53501b845c2",
              "size_bytes": 6,
              "missing": false
            },
            {
              "sha256": "7b1b763ee8f62eb88e4742a760f912d0b19bcd58b2b948999784bacc15a7f4d7",
              "size_bytes": 9,
              "missing": true
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&manifest).unwrap());
}

#[test]
fn lines_that_are_not_what_they_should_be_are_named() {
    let read = |text: &str| {
        let part = Part { name: history_name(Kind::Lead), bytes: text.as_bytes().to_vec() };
        history_lines(Kind::Lead, &part).collect::<Result<Vec<_>, _>>().unwrap_err().to_string()
    };
    let line = |id: char, fields: &str| {
        let id = id.to_string().repeat(12);
        format!(
            r#"{{"id":"00000000-0000-7000-8000-{id}","at":"2026-01-01T00:00:00Z","user_id":null,"device_id":null,"fields":{fields}}}"#
        )
    };

    assert_eq!(read("nonsense"), "line 1 of history/leads.ndjson can't be read");
    let unordered = format!("{}\n{}\n", line('2', "{}"), line('1', "{}"));
    assert_eq!(read(&unordered), "line 2 of history/leads.ndjson is out of order");
    assert!(read(&line('1', r#"{"probability":500}"#)).contains("probability: must be between 0 and 100"));
    assert!(read(&line('1', r#"{"shoe_size":5}"#)).contains("no such field"));
    assert!(read(&line('1', r#"{"title":{"evil":1}}"#)).contains("can't be read"));
    let long = "x".repeat(5_000_000);
    assert_eq!(read(&line('1', &format!(r#"{{"title":"{long}"}}"#))), "line 1 of history/leads.ndjson is too long");
}
