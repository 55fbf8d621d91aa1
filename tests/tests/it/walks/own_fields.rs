//! The workspace's own fields from their definition to everywhere they show, and tags and words that are renamed.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use model::settings::SETTINGS_ID;
use model::{Kind, OwnField, OwnType, RecordRef, Settings, Value};
use ui::Effect;

use super::desk::{Desk, Hands, desk};

fn settings(desk: &Desk) -> Settings {
    Settings::read(&desk.record(RecordRef::new(Kind::Settings, SETTINGS_ID)))
}

/// Defines a field behind the interface's back.
fn define(desk: &mut Desk, kind: Kind, name: &str, of: OwnType, options: &[&str]) -> OwnField {
    let mut field = OwnField::new(kind, name, of, &settings(desk));
    field.options = options.iter().map(|option| (*option).to_owned()).collect();
    let fields = field.fields().into_iter().map(|(key, value)| (key, Some(value))).collect();
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    desk.act(model::Action::SetFields { record, base_heads: Vec::new(), fields }).unwrap();
    field
}

#[test]
fn an_administrator_defines_renames_orders_and_archives_fields() {
    let mut harness = desk("/settings?s=fields");

    harness.button("New lead field…");
    harness.button("Add the field");
    assert!(harness.sees("Enter a name"));
    harness.fill("Field name", "Tier");
    harness.choose("It holds", "Choice");
    harness.button("Add the field");
    assert!(harness.sees("Enter at least one option"));
    harness.fill("Options", "Gold, Silver");
    harness.button("Add the field");
    harness.button("New lead field…");
    harness.fill("Field name", "Contract until");
    harness.choose("It holds", "Date");
    harness.button("Add the field");

    let names = |desk: &Desk| settings(desk).live_fields(Kind::Lead).map(|of| of.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(harness.state()), ["Tier", "Contract until"]);
    harness.button("Move Contract until up");
    assert_eq!(names(harness.state()), ["Contract until", "Tier"]);
    harness.fill("Name of the lead field Tier", "Level");
    harness.key(Key::Enter);
    harness.fill("New option of Level", "Bronze");
    harness.key(Key::Enter);
    harness.button("Remove the option Silver of Level");
    let level = settings(harness.state()).own_field(Kind::Lead, "Tier").cloned().expect("its key stays");
    assert_eq!(
        (level.name.as_str(), level.options.as_slice()),
        ("Level", ["Gold", "Bronze"].map(str::to_owned).as_slice())
    );

    harness.button("Archive Contract until");
    assert_eq!(names(harness.state()), ["Level"]);
    harness.button("Bring Contract until back");
    assert_eq!(names(harness.state()).len(), 2);
    harness.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(names(harness.state()), ["Level"], "one step back");
}

#[test]
fn values_are_edited_on_the_page_by_what_the_field_holds() {
    let mut harness = desk("/");
    let desk = harness.state_mut();
    define(desk, Kind::Lead, "Tier", OwnType::Choice, &["Gold", "Silver"]);
    define(desk, Kind::Lead, "Renewal", OwnType::Date, &[]);
    define(desk, Kind::Lead, "Budget", OwnType::Money, &[]);
    define(desk, Kind::Lead, "Partner", OwnType::Flag, &[]);
    let lead = desk.create(Kind::Lead, &[("title", "Website".into()), ("custom/Old thing", "kept".into())]);
    harness.go(&format!("/leads/{}", lead.id));
    harness.press(Role::Tab, "Details");

    harness.choose("Tier", "Gold");
    harness.fill("Renewal", "2026-12-31");
    harness.key(Key::Enter);
    harness.fill("Budget", "plenty");
    harness.key(Key::Enter);
    assert_eq!(harness.state().record(lead).get("custom/Budget"), None);
    harness.fill("Budget", "12.5k");
    harness.key(Key::Enter);
    harness.choose("Partner", "Yes");

    let record = harness.state().record(lead);
    assert_eq!(record.text("custom/Tier"), "Gold");
    assert_eq!(record.text("custom/Renewal"), "2026-12-31");
    assert_eq!(record.int("custom/Budget"), Some(1_250_000));
    assert!(record.flag("custom/Partner"));
    assert!(harness.sees("Other values") && harness.sees("Old thing"), "what nobody has defined shows too");

    let budget = settings(harness.state()).own_field(Kind::Lead, "Budget").cloned().expect("it is defined");
    let record = RecordRef::new(Kind::Settings, SETTINGS_ID);
    let fields = [(budget.property("name"), Some("Yearly budget".into()))].into();
    let rename = model::Action::SetFields { record, base_heads: Vec::new(), fields };
    harness.state_mut().act(rename).unwrap();
    harness.press(Role::Tab, "Timeline");
    let told = "changed yearly budget: empty to $12,500.00";
    assert!(harness.all_names().contains(told), "{}", harness.all_names());
}

#[test]
fn own_fields_are_columns_filters_order_and_file_of_a_list() {
    let mut harness = desk("/leads?f=none");
    let desk = harness.state_mut();
    define(desk, Kind::Lead, "Tier", OwnType::Choice, &["Gold", "Silver"]);
    define(desk, Kind::Lead, "Renewal", OwnType::Date, &[]);
    define(desk, Kind::Lead, "Budget", OwnType::Money, &[]);
    let lead = |title: &str, tier: &str, renewal: &str, budget: i64| -> [(&'static str, Value); 4] {
        [
            ("title", title.into()),
            ("custom/Tier", tier.into()),
            ("custom/Renewal", renewal.into()),
            ("custom/Budget", budget.into()),
        ]
    };
    desk.create(Kind::Lead, &lead("Website", "Gold", "2026-03-01", 500_000));
    desk.create(Kind::Lead, &lead("Shop", "Silver", "2027-03-01", 9_000_000));
    harness.run();

    harness.button("Columns");
    for column in ["Tier", "Renewal", "Budget"] {
        harness.press(Role::CheckBox, column);
    }
    harness.key(Key::Escape);
    harness.reach(Role::ColumnHeader, "Budget");
    assert!(harness.state().app.route().contains("sort=-custom%2FBudget"), "{}", harness.state().app.route());
    harness.button("Export what matches as CSV");
    let saved = harness.state().effects.iter().rev().find_map(|effect| match effect {
        Effect::SaveFile { bytes, .. } => Some(String::from_utf8(bytes.clone()).unwrap()),
        _ => None,
    });
    let text = saved.expect("a file is offered");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert!(lines[0].ends_with("Tier,Renewal,Budget"), "{}", lines[0]);
    assert!(lines[1].starts_with("Shop") && lines[1].ends_with("Silver,2027-03-01,90000.00"), "{}", lines[1]);

    harness.button("More filters");
    harness.press(Role::ComboBox, "Any other field");
    harness.fill("Search any other field", "tier");
    harness.press(Role::ListBoxOption, "Tier");
    harness.choose("Values", "Gold");
    harness.button("Add filter");
    harness.press(Role::ComboBox, "Any other field");
    harness.fill("Search any other field", "renewal");
    harness.press(Role::ListBoxOption, "Renewal");
    harness.choose("Comparison", "before");
    harness.fill("Value to compare", "2026-12-31");
    harness.button("Add filter");
    harness.key(Key::Escape);
    assert!(harness.sees("Website") && !harness.sees("Shop"));
    assert!(harness.sees("Remove the filter Tier is Gold"));
}

#[test]
fn many_records_get_one_value_in_one_step() {
    let mut harness = desk("/leads?f=none");
    let desk = harness.state_mut();
    define(desk, Kind::Lead, "Tier", OwnType::Choice, &["Gold", "Silver"]);
    for title in ["Website", "Shop"] {
        desk.create(Kind::Lead, &[("title", title.into())]);
    }
    harness.run();

    harness.press(Role::CheckBox, "Select Website");
    harness.press(Role::CheckBox, "Select Shop");
    harness.button("Set field");
    harness.choose("Field to set", "Tier");
    harness.choose("Value to set", "Silver");
    assert!(harness.sees("Changes 2 leads: Tier → Silver"));
    harness.button("Change 2 leads");

    let tiers = |desk: &mut Desk| {
        desk.records(Kind::Lead).iter().map(|lead| lead.text("custom/Tier").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tiers(harness.state_mut()), ["Silver", "Silver"]);
    harness.chord(Modifiers::COMMAND, Key::Z);
    assert_eq!(tiers(harness.state_mut()), ["", ""]);
}

#[test]
fn merging_asks_whose_own_value_stays() {
    let mut harness = desk("/accounts");
    let desk = harness.state_mut();
    define(desk, Kind::Account, "Tier", OwnType::Choice, &["Gold", "Silver"]);
    define(desk, Kind::Account, "Since", OwnType::Date, &[]);
    let old = desk.create(Kind::Account, &[("name", "Acme".into()), ("custom/Tier", "Gold".into())]);
    let fields = [("name", "Zenith".into()), ("custom/Tier", "Silver".into()), ("custom/Since", "2020-01-31".into())];
    desk.create(Kind::Account, &fields);
    harness.run();

    harness.press(Role::CheckBox, "Select Acme");
    harness.press(Role::CheckBox, "Select Zenith");
    harness.button("Merge…");
    harness.button("Tier: Silver, 2 of 2");
    harness.button("Merge");

    let kept = harness.state().record(old);
    assert_eq!((kept.text("custom/Tier"), kept.text("custom/Since")), ("Silver", "2020-01-31"));
}

#[test]
fn a_column_of_a_file_becomes_a_field_and_one_step_takes_it_back() {
    let mut harness = desk("/import");
    let text = "Name,Email,Shoe size\nAnn Lee,ann@acme.com,42\n";
    harness.state_mut().app.file_chosen("people.csv".into(), text.as_bytes().to_vec());
    harness.run();

    harness.press(Role::ComboBox, "Target of Shoe size");
    harness.fill("Search target of shoe size", "new field");
    harness.press(Role::ListBoxOption, "Contact · new field “Shoe size”");
    harness.button("Preview");
    harness.button("Import");
    for _ in 0..3 {
        harness.state_mut().wake();
        harness.run();
    }

    let field = settings(harness.state()).own_field(Kind::Contact, "Shoe size").cloned();
    assert_eq!(field.map(|field| field.of), Some(OwnType::Text));
    assert_eq!(harness.state_mut().records(Kind::Contact)[0].text("custom/Shoe size"), "42");
}

#[test]
fn tags_are_listed_renamed_joined_coloured_and_taken_away() {
    let mut harness = desk("/settings?s=fields");
    let desk = harness.state_mut();
    let one = desk.create(Kind::Lead, &[("title", "One".into()), ("tags/vip", true.into())]);
    let two = desk.create(Kind::Lead, &[("title", "Two".into()), ("tags/spring", true.into())]);
    harness.run();

    harness.fill("Name of the tag vip", "Key account");
    harness.key(Key::Enter);
    assert!(harness.state().record(one).flag("tags/Key account"));
    harness.button("Colour of Key account");
    harness.press(Role::MenuItem, "Colour 3");
    assert_eq!(settings(harness.state()).tag_color("key ACCOUNT"), Some(2));

    harness.fill("Name of the tag spring", "key account");
    harness.key(Key::Enter);
    harness.button("Merge into Key account");
    assert!(harness.state().record(two).flag("tags/Key account"));
    assert!(harness.sees("2 leads tagged Key account"));

    harness.button("Take the tag Key account away");
    harness.button("Take it from 2 records");
    assert!(!harness.state().record(one).flag("tags/Key account"));
    harness.chord(Modifiers::COMMAND, Key::Z);
    assert!(
        harness.state().record(one).flag("tags/Key account") && harness.state().record(two).flag("tags/Key account")
    );
}

#[test]
fn a_source_is_renamed_in_old_leads_too_and_archived_ones_come_back() {
    let mut harness = desk("/settings?s=pipeline");
    let lead = harness.state_mut().create(Kind::Lead, &[("title", "One".into()), ("source", "Referral".into())]);
    harness.run();

    harness.fill("Name of the source Referral", "Word of mouth");
    harness.key(Key::Enter);
    assert_eq!(harness.state().record(lead).text("source"), "Word of mouth");
    let sources = |desk: &Desk| settings(desk).sources;
    assert!(sources(harness.state()).contains(&"Word of mouth".to_owned()));

    harness.reach(Role::Button, "Move Word of mouth up");
    let order = sources(harness.state());
    harness.reach(Role::Button, "Archive the source Word of mouth");
    assert!(!sources(harness.state()).contains(&"Word of mouth".to_owned()));
    assert_eq!(harness.state().record(lead).text("source"), "Word of mouth", "the lead keeps it");
    harness.reach(Role::Button, "Bring the source Word of mouth back");
    assert_eq!(sources(harness.state()).len(), order.len());
    assert!(harness.query_by_label("Name of the reason Price").is_some());
}
