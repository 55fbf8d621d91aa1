//! Backups as a person makes and restores them, with a shell that keeps files in memory.

use std::io::Cursor;

use egui::Role;
use model::Kind;
use replica::archive::{Archive, Packer};
use replica::{FileOutcome, FileWork, Input, Packed, Unpacked};
use ui::{Effect, FilePurpose};

use super::desk::{Desk, Hands, desk, new_device};

/// Does what a shell without files does with archives in memory.
fn carry_out(desk: &mut Desk) {
    for (job, work) in std::mem::take(&mut desk.files) {
        let outcome = match work {
            FileWork::Pack { prepared, .. } => {
                let mut packer = Packer::new(Cursor::new(Vec::new()), prepared.about.clone());
                prepared.parts.iter().for_each(|part| packer.add_part(part).unwrap());
                for file in prepared.files {
                    packer.add_file(file, None).unwrap();
                }
                let (out, manifest) = packer.finish().unwrap();
                let bytes = out.into_inner();
                FileOutcome::Packed(Box::new(Packed { manifest, size_bytes: bytes.len() as u64, bytes }))
            }
            FileWork::Unpack { source: model::app::FileSource::Bytes(bytes) } => {
                let mut archive = Archive::open(Cursor::new(bytes)).unwrap();
                let manifest = archive.manifest().clone();
                FileOutcome::Unpacked(Box::new(Unpacked { manifest, parts: archive.parts().unwrap() }))
            }
            other => panic!("{other:?}"),
        };
        desk.input(Input::FileDone { job, outcome: Ok(outcome) });
    }
}

#[test]
fn everything_is_backed_up_and_restored_on_a_new_device() {
    let mut harness = desk("/settings?s=data");
    harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.run();

    harness.button("Back up…");
    assert!(matches!(harness.state().effects.last(), Some(Effect::ChoosePlace { name }) if name.ends_with(".zip")));
    harness.state_mut().app.place_chosen(None);
    harness.run();
    assert!(harness.sees("A backup is being written…"), "{}", harness.all_names());
    carry_out(harness.state_mut());
    harness.run();
    let saved = harness.state_mut().effects.iter().rev().find_map(|effect| match effect {
        Effect::SaveFile { name, bytes } if name.ends_with(".zip") => Some(bytes.clone()),
        _ => None,
    });
    let saved = saved.expect("the backup is handed to the person");

    let mut fresh = new_device();
    fresh.button("Restore a backup");
    let asked = fresh.state().effects.last();
    assert!(matches!(asked, Some(Effect::OpenFileDialog { purpose: FilePurpose::Backup })), "{asked:?}");
    fresh.state_mut().app.file_chosen("backup.zip".into(), saved);
    fresh.run();
    carry_out(fresh.state_mut());
    fresh.run();

    assert_eq!(fresh.state_mut().records(Kind::Lead)[0].text("title"), "Website");
    fresh.go("/settings");
    assert!(fresh.sees("Ada Lovelace"), "{}", fresh.all_names());
}

#[test]
fn a_backup_is_not_offered_for_restoring_where_something_is() {
    let mut harness = desk("/settings?s=data");
    harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.run();

    harness.button("Restore a backup…");

    let asked = harness.state().effects.iter().any(|effect| matches!(effect, Effect::OpenFileDialog { .. }));
    assert!(!asked, "the button is off");
}

#[test]
fn leads_are_exported_as_csv_and_contacts_as_cards() {
    let mut harness = desk("/settings?s=data");
    harness.state_mut().create(Kind::Lead, &[("title", "Website".into())]);
    harness.state_mut().create(Kind::Contact, &[("last_name", "Hopper".into())]);
    harness.run();

    harness.press(Role::Button, "Leads as CSV");
    harness.press(Role::Button, "Contacts as vCard 3.0");

    let saved: Vec<(&str, &[u8])> = harness
        .state()
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::SaveFile { name, bytes } => Some((name.as_str(), bytes.as_slice())),
            _ => None,
        })
        .collect();
    assert_eq!(saved.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["leads.csv", "contacts.vcf"]);
    assert!(String::from_utf8_lossy(saved[0].1).contains("Website"));
    assert!(String::from_utf8_lossy(saved[1].1).contains("N:Hopper;"));
}
