//! Whatever is written, changed, thrown away or removed, in any order: rows, boards and lists say what a plain
//! recomputation from the records says, and a rebuild gives the same projection.

use std::collections::BTreeMap;

use model::build::{self, Dice};
use model::query::{BoardQuery, BoardSort, ListQuery, Row, Sort, WINDOW_MAX};
use model::time::DAY_MILLIS;
use model::{Date, Kind, RecordId, StageKind, Timestamp, Value};
use proptest::prelude::*;

use super::*;
use crate::FieldChangeRow;

/// The records as they should stand, beside the store that was told of each step.
struct World {
    dice: Dice,
    settings: Settings,
    /// As everybody sees them.
    records: BTreeMap<RecordId, Record>,
    /// As they were written.
    written: BTreeMap<RecordId, Record>,
    moves: Vec<FieldChangeRow>,
}

impl World {
    fn random(seed: u64, steps: usize) -> (Self, Store) {
        let settings = Settings::default();
        let mut world = Self {
            dice: Dice::new(seed),
            settings,
            records: BTreeMap::new(),
            written: BTreeMap::new(),
            moves: Vec::new(),
        };
        let mut store = holding(&[]);
        if world.dice.chance(50) {
            store.prepare_search().unwrap();
        }
        for _ in 0..steps {
            let done: Result<(), StoreError> = store.write(|tx| {
                for _ in 0..world.dice.between(1, 4) {
                    world.step(tx)?;
                }
                Ok(())
            });
            done.unwrap();
        }
        world.follow_merges();
        (world, store)
    }

    /// Lets links to merged records lead to those that stayed, as everybody sees them.
    fn follow_merges(&mut self) {
        self.written = self.records.clone();
        let merged: BTreeMap<RecordId, RecordId> =
            self.records.values().filter_map(|record| Some((record.id, record.link("merged_into")?))).collect();
        let survivor = |id: RecordId| {
            let mut way = vec![id];
            while let Some(to) = merged.get(way.last().unwrap()) {
                if let Some(start) = way.iter().position(|seen| seen == to) {
                    return *way[start..].iter().min().unwrap();
                }
                way.push(*to);
            }
            *way.last().unwrap()
        };
        for record in self.records.values_mut() {
            for key in ["account_id", "primary_contact_id", "contact_id", "lead_id", "linked_id"] {
                if let Some(id) = record.link(key) {
                    record.fields.insert(key.to_owned(), survivor(id).into());
                }
            }
        }
    }

    fn step(&mut self, tx: &mut crate::Tx<'_>) -> Result<(), StoreError> {
        let kind = *self.dice.pick(&Kind::RECORDS);
        // Few names, so that records are written again and again, and children come before their parents.
        let id = RecordId::from_bytes([kind.code() * 16 + u8::try_from(self.dice.below(5)).unwrap(); 16]);
        if self.dice.chance(8) {
            self.records.remove(&id);
            return tx.unproject(id).map(drop);
        }
        let record = self.random_record(kind, id);
        if kind == Kind::Lead && self.dice.chance(40) {
            let change = self.random_move(&record);
            tx.record_field_changes(std::slice::from_ref(&change))?;
            self.moves.push(change);
        }
        tx.project(&shown(&record))?;
        self.records.insert(id, record);
        Ok(())
    }

    fn random_record(&mut self, kind: Kind, id: RecordId) -> Record {
        let mut record = Record::new(kind, id);
        for field in kind.fields() {
            if self.dice.chance(65)
                && let Some(value) = self.random_value(field.key)
            {
                record.fields.insert(field.key.to_owned(), value);
            }
        }
        if record.get("merged_into").is_some() {
            let other = kind.code() * 16 + u8::try_from(self.dice.below(5)).unwrap();
            record.fields.insert("merged_into".to_owned(), RecordId::from_bytes([other; 16]).into());
        }
        if self.dice.chance(80) {
            record.fields.retain(|key, _| !["deleted_at", "archived_at", "merged_into"].contains(&key.as_str()));
        }
        record
    }

    fn random_value(&mut self, key: &str) -> Option<Value> {
        let dice = &mut self.dice;
        let mut link = |kinds: &[Kind]| {
            let kind = *dice.pick(kinds);
            Value::Id(RecordId::from_bytes([kind.code() * 16 + u8::try_from(dice.below(5)).unwrap(); 16]))
        };
        Some(match key {
            "account_id" => link(&[Kind::Account]),
            "primary_contact_id" | "contact_id" => link(&[Kind::Contact]),
            "lead_id" => link(&[Kind::Lead]),
            "linked_id" => link(&[Kind::Lead, Kind::Account, Kind::Contact]),
            "merged_into" => link(&[Kind::Lead]),
            "place" => {
                let stage = *dice.pick(&["new", "qualified", "won", "lost", "gone"]);
                Value::Text(format!("{stage}|{}", dice.below(3)))
            }
            "status" => Value::Text((*dice.pick(&["open", "done", "canceled"])).to_owned()),
            "title" | "name" | "last_name" | "subject" => Value::Text(format!("Näme {}", dice.below(4))),
            "value_cents" => dice.between(0, 3).into(),
            "probability" => dice.between(0, 100).into(),
            "all_day" => dice.chance(50).into(),
            "expected_close_date" => Date::new(2026, 3, i8::try_from(dice.between(1, 3)).unwrap()).unwrap().into(),
            key if key.ends_with("_at") => build::now().plus_millis(dice.between(-40, 8) * DAY_MILLIS / 4).into(),
            _ => return None,
        })
    }

    fn random_move(&mut self, lead: &Record) -> FieldChangeRow {
        let stage = *self.dice.pick(&["new", "qualified"]);
        FieldChangeRow {
            record: lead.reference(),
            hash: ChangeHash([0; 32].map(|_: u8| u8::try_from(self.dice.below(256)).unwrap())),
            actor: [1; 16],
            at: build::now().plus_millis(self.dice.between(-40, 8) * DAY_MILLIS / 4),
            key: "place".to_owned(),
            before: Some("qualified|1".into()),
            after: Some(format!("{stage}|2").into()),
            created: false,
        }
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |record| record.kind == kind)
    }

    fn alive(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.of_kind(kind).filter(|record| !record.is_deleted())
    }

    fn listed(&self, kind: Kind) -> Vec<&Record> {
        let hidden = ["deleted_at", "archived_at", "merged_into"];
        self.of_kind(kind).filter(|record| hidden.iter().all(|key| record.get(key).is_none())).collect()
    }

    fn status(&self, lead: &Record) -> StageKind {
        self.settings.stage_kind(lead.place().0)
    }

    fn entered(&self, lead: &Record) -> Option<Timestamp> {
        let moves = self.moves.iter().filter(|change| change.record.id == lead.id);
        let stage =
            |value: &Option<Value>| value.clone().unwrap().as_text().unwrap().split('|').next().map(str::to_owned);
        moves.filter(|change| stage(&change.before) != stage(&change.after)).map(|change| change.at).max()
    }

    fn own_touches(&self, record: &Record) -> Vec<Timestamp> {
        let activities = self.alive(Kind::Activity).filter(|activity| {
            let key = match record.kind {
                Kind::Lead => "lead_id",
                Kind::Account => "account_id",
                _ => "contact_id",
            };
            activity.link(key) == Some(record.id)
        });
        let mut touches: Vec<Option<Timestamp>> = activities.map(|activity| activity.time("occurred_at")).collect();
        for kind in [Kind::Task, Kind::Attachment] {
            let linked = self.alive(kind).filter(|child| child.link("linked_id") == Some(record.id));
            touches.extend(linked.map(|child| match kind {
                Kind::Task if child.text("status") == "done" => child.time("completed_at"),
                Kind::Task => None,
                _ => child.time("uploaded_at"),
            }));
        }
        if record.kind == Kind::Lead {
            let created = record.time("created_at");
            touches.push(self.entered(record).filter(|at| created.is_some_and(|created| *at > created)));
        }
        touches.into_iter().flatten().collect()
    }

    fn last_touch(&self, record: &Record) -> Option<Timestamp> {
        let mut touches = self.own_touches(record);
        let link = if record.kind == Kind::Account { "account_id" } else { "primary_contact_id" };
        if record.kind != Kind::Lead {
            let leads = self.alive(Kind::Lead).filter(|lead| lead.link(link) == Some(record.id));
            touches.extend(leads.flat_map(|lead| self.own_touches(lead)));
        }
        touches.into_iter().filter(|at| *at <= build::now()).max()
    }

    fn next_task(&self, record: &Record) -> Option<&Record> {
        let open = self
            .alive(Kind::Task)
            .filter(|task| task.link("linked_id") == Some(record.id) && matches!(task.text("status"), "open" | ""));
        open.min_by_key(|task| (task.time("due_at").is_none(), task.time("due_at"), task.id))
    }

    fn check_row(&self, row: &Row) {
        let record = &row.record;
        assert_eq!(self.records.get(&record.id), Some(record));
        assert_eq!(row.last_touch_at, self.last_touch(record), "last touch of {record:?}");
        assert_eq!(row.next_task.as_ref().map(|task| task.id), self.next_task(record).map(|task| task.id));
        let files = self.alive(Kind::Attachment).filter(|file| file.link("linked_id") == Some(record.id));
        assert_eq!(row.files as usize, files.count());
        if record.kind == Kind::Lead {
            assert_eq!(row.status, self.status(record).status());
            assert_eq!(row.stage_entered_at, self.entered(record).or(record.time("created_at")));
        }
        if record.kind == Kind::Account {
            let leads = self.listed(Kind::Lead).into_iter().filter(|lead| lead.link("account_id") == Some(record.id));
            let sum = |kind| -> (u32, i64) {
                let of_kind = leads.clone().filter(|lead| self.status(lead) == kind);
                of_kind.fold((0, 0), |(n, sum), lead| (n + 1, sum + lead.int("value_cents").unwrap_or(0)))
            };
            assert_eq!((row.open_leads, row.open_cents), sum(StageKind::Open));
            assert_eq!(row.won_cents, sum(StageKind::Won).1);
        }
    }
}

fn weighted(leads: &[&Record]) -> i64 {
    let product = |lead: &&Record| lead.int("value_cents").unwrap_or(0) * lead.int("probability").unwrap_or(0);
    (leads.iter().map(product).sum::<i64>() + 50).div_euclid(100)
}

fn value(leads: &[&Record]) -> i64 {
    leads.iter().map(|lead| lead.int("value_cents").unwrap_or(0)).sum()
}

fn check_lists(world: &World, store: &Store) {
    for kind in [Kind::Lead, Kind::Account, Kind::Contact] {
        for (field, descending) in [("last_touch_at", true), ("next_task_due", false), ("updated_at", false)] {
            let sort = vec![Sort { field: field.into(), descending }];
            let query = ListQuery { sort, limit: WINDOW_MAX, ..ListQuery::of(kind) };
            let list = store.list(&query, &ctx(&world.settings)).unwrap();

            let listed = world.listed(kind);
            assert_eq!((list.total as usize, list.rows.len()), (listed.len(), listed.len()));
            list.rows.iter().for_each(|row| world.check_row(row));
            let key = |row: &Row| {
                let at = match field {
                    "last_touch_at" => row.last_touch_at,
                    "next_task_due" => row.next_task.as_ref().and_then(|task| task.due_at),
                    _ => row.record.time("updated_at"),
                };
                let millis = at.map(|at| if descending { -at.as_millis() } else { at.as_millis() });
                (millis.is_none(), millis, row.record.id)
            };
            assert!(list.rows.is_sorted_by_key(key), "{kind} by {field}");
            if kind == Kind::Lead {
                assert_eq!((list.sum_cents, list.weighted_cents), (value(&listed), weighted(&listed)));
            }
        }
    }
}

fn check_board(world: &World, store: &Store) {
    for sort in [BoardSort::NextStep, BoardSort::Value, BoardSort::CloseDate, BoardSort::Age, BoardSort::Manual] {
        let query = BoardQuery { filter: vec![], text: String::new(), sort, windows: BTreeMap::new() };
        let board = store.board(&query, &ctx(&world.settings)).unwrap();
        for column in &board.columns {
            let of_column = |lead: &&Record| match lead.place().0 {
                stage if world.settings.stage(stage).is_some() => stage == column.stage.id,
                _ => column.stage.id == "new",
            };
            let leads: Vec<&Record> = world.listed(Kind::Lead).into_iter().filter(of_column).collect();
            assert_eq!((column.count as usize, column.rows.len()), (leads.len(), leads.len()));
            assert_eq!((column.sum_cents, column.weighted_cents), (value(&leads), weighted(&leads)));
            assert!(column.rows.is_sorted_by_key(|row| board_key(row, sort)), "{sort:?}");
        }
    }
}

fn board_key(row: &Row, sort: BoardSort) -> (i64, i64, String, RecordId) {
    let record = &row.record;
    let (first, second, text) = match sort {
        BoardSort::NextStep => next_step_key(row),
        BoardSort::Value => (0, -record.int("value_cents").unwrap_or(0), String::new()),
        BoardSort::CloseDate => {
            let epoch = Date::new(1970, 1, 1).unwrap();
            (
                0,
                record.date("expected_close_date").map_or(i64::MAX, |date| date.days_since(epoch).into()),
                String::new(),
            )
        }
        BoardSort::Age => (0, row.stage_entered_at.map_or(i64::MAX, Timestamp::as_millis), String::new()),
        BoardSort::Manual => (0, 0, record.place().1.to_owned()),
    };
    let within_today = sort == BoardSort::NextStep && first == TODAY;
    (first, second, text, if within_today { RecordId::from_bytes([0; 16]) } else { record.id })
}

/// The rank of tasks that are due today.
const TODAY: i64 = 1;

fn next_step_key(row: &Row) -> (i64, i64, String) {
    let now = build::now();
    let zone = Settings::default().zone();
    let today = now.date_in(&zone);
    let Some(task) = &row.next_task else { return (2, i64::MAX, String::new()) };
    match task.due_at {
        Some(due) if due.date_in(&zone) < today => (0, due.as_millis(), String::new()),
        // Tasks for a whole day can't be told from others here; the order within a day is checked elsewhere.
        Some(due) if due.date_in(&zone) == today => (TODAY, 0, String::new()),
        due => (3, due.map_or(i64::MAX, Timestamp::as_millis), String::new()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_boards_and_lists_say_what_a_recomputation_says(seed: u64, steps in 1..60_usize) {
        let (world, store) = World::random(seed, steps);

        check_lists(&world, &store);
        check_board(&world, &store);
        prop_assert!(store.integrity_problems().unwrap().is_empty());
    }

    #[test]
    fn a_rebuild_gives_the_same_projection_and_finds_the_same(seed: u64, steps in 1..60_usize) {
        let (world, mut store) = World::random(seed, steps);
        let before = store.projection_digest().unwrap();
        let asked = ["name 1", "ame", "na 2"].map(|text| store.search(text, &[], 50, &ctx(&world.settings)).unwrap());

        store
            .write(|tx| -> Result<(), StoreError> {
                tx.clear_projections()?;
                tx.record_field_changes(&world.moves)?;
                tx.project_many(world.written.values().rev().map(shown))
            })
            .unwrap();

        prop_assert_eq!(store.projection_digest().unwrap(), before);
        prop_assert_eq!(store.projections(None, 1000).unwrap().len(), world.records.len());
        let again = ["name 1", "ame", "na 2"].map(|text| store.search(text, &[], 50, &ctx(&world.settings)).unwrap());
        prop_assert_eq!(again, asked);
        check_lists(&world, &store);
    }
}

#[test]
fn links_follow_records_that_were_merged_whatever_comes_first() {
    let now = build::now();
    let acme = build::account("Acme").record();
    let inc = build::account("Acme Inc").with("merged_into", acme.id).record();
    let old = build::account("Old Acme").with("merged_into", inc.id).record();
    let lead = build::lead("Website").at(&old).record();
    let call = build::activity("call", "Hello").with("account_id", old.id).record();
    let ann = build::contact("Ann Lee").record();
    let anna = build::contact("Anna Lee").with("merged_into", ann.id).record();
    let listing = build::lead("Shop").with_contact(&anna).with(&format!("contacts/{}", anna.id), "Buyer").record();
    let all = [&acme, &inc, &old, &lead, &call, &ann, &anna, &listing];
    let settings = Settings::default();
    let seen = |store: &Store| {
        let row = |record: &Record| store.row(record.reference(), &ctx(&settings)).unwrap().unwrap();
        assert_eq!(row(&lead).record.link("account_id"), Some(acme.id));
        assert_eq!(row(&lead).names["account_id"], "Acme");
        assert_eq!((row(&acme).open_leads, row(&acme).last_touch_at), (1, Some(now)));
        assert_eq!(row(&inc).open_leads, 0);
        let shop = row(&listing);
        assert_eq!(shop.record.link("primary_contact_id"), Some(ann.id));
        assert_eq!(
            shop.record.members("contacts").map(|(id, _)| id.to_owned()).collect::<Vec<_>>(),
            [ann.id.to_string()]
        );
        let detail = store.detail(ann.reference(), &ctx(&settings)).unwrap().unwrap();
        assert_eq!(detail.related[&Kind::Lead].len(), 1);
        assert_eq!(store.record(lead.id).unwrap().unwrap(), lead, "the record itself keeps its link");
    };

    seen(&holding(&all));
    let mut backwards = all;
    backwards.reverse();
    seen(&holding(&backwards));

    let mut store = holding(&all);
    let apart = Record { fields: without(&inc.fields, "merged_into"), ..inc.clone() };
    project(&mut store, &apart);
    let row = |record: &Record| store.row(record.reference(), &ctx(&settings)).unwrap().unwrap();
    assert_eq!((row(&acme).open_leads, row(&apart).open_leads), (0, 1));
    assert_eq!(row(&acme).last_touch_at, None);
}

fn without(fields: &model::Fields, key: &str) -> model::Fields {
    let mut fields = fields.clone();
    fields.remove(key);
    fields
}
