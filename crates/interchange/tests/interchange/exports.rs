//! What exports write, and that imports read it back.

use interchange::export::{ExportColumn, all_columns, export_csv, export_json};
use model::import::ImportOptions;
use model::{Kind, Settings, build};

use crate::given::Workspace;

fn columns(keys: &[&str]) -> Vec<ExportColumn> {
    keys.iter().map(|&key| ExportColumn { key: key.into(), header: key.into() }).collect()
}

#[test]
fn the_document_has_every_kind_and_products_names() {
    let acme = build::account("Acme").record();
    let lead = build::lead("Website").at(&acme).worth(1_250_000).in_stage("won").with("tags/hot", true).record();
    let mut text = String::new();
    let records = [acme, lead];
    export_json(
        |kind| records.clone().into_iter().filter(move |record| record.kind == kind),
        &Settings::default(),
        &mut text,
    )
    .expect("a string takes everything");

    let json: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(json["format"], "trailtrack");
    assert_eq!(json["accounts"][0]["name"], "Acme");
    let lead = &json["leads"][0];
    assert_eq!((lead["stage"].as_str(), lead["status"].as_str()), (Some("won"), Some("closed_won")));
    assert_eq!((lead["value_cents"].as_i64(), lead["tags"][0].as_str()), (Some(1_250_000), Some("hot")));
    for kind in Kind::ALL {
        assert!(json[kind.plural()].is_array(), "{kind}");
    }
}

#[test]
fn cells_that_look_like_formulas_are_guarded_and_come_back() {
    let phone = "+1 212 555 0147";
    let ann = build::contact("Ann Lee").with("email", "ann@acme.com").with("phone", phone).with("title", "=1+1");
    let bob = build::contact("Bob @Ray").with("title", "-boss, \"big\"").with("notes", "'@first\nline two");
    let mut csv = String::new();
    let keys = columns(&["first_name", "last_name", "email", "phone", "job title", "notes"]);
    let mut keys = keys;
    keys[4].key = "title".into();
    export_csv([&*ann, &*bob], &keys, &Settings::default(), true, &mut csv).expect("a string takes everything");

    assert!(csv.starts_with("\u{feff}first_name,"), "{csv}");
    assert!(csv.contains("'+1 212 555 0147") && csv.contains("'=1+1") && csv.contains("''@first"), "{csv}");
    let mut workspace = Workspace::default();
    workspace.import(csv.as_bytes(), &ImportOptions::default());
    for original in [&ann, &bob] {
        let back = workspace.named(&original.display_name());
        for key in ["first_name", "last_name", "email", "phone", "title", "notes"] {
            assert_eq!(back.text(key), original.text(key), "{key}");
        }
    }
}

#[test]
fn money_stages_and_sets_are_written_for_people() {
    let lead = build::lead("Website").worth(1_250_005).in_stage("qualified").with("tags/a", true).with("tags/b", true);
    let mut csv = String::new();
    export_csv(
        [&*lead],
        &columns(&["title", "stage", "status", "value_cents", "tags"]),
        &Settings::default(),
        false,
        &mut csv,
    )
    .expect("a string takes everything");

    assert_eq!(csv, "title,stage,status,value_cents,tags\r\nWebsite,Qualified,open,12500.05,\"a; b\"\r\n");
}

#[test]
fn every_kind_has_columns() {
    for kind in Kind::RECORDS {
        assert_eq!(all_columns(kind)[0].key, "id");
        assert!(all_columns(kind).len() > 5);
    }
}
