//! The thirty attacks of the security reference, 5.5, against the relay's real core: refused, nothing stored, and what
//! stood before still stands. Each test is named after its row.

use automerge::ExpandedChange;
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ObjType, ScalarValue};
use ledger::{Author, Document, NewChange, actor_id};
use model::{ChangeHash, CommandId, DeviceId, FieldChanges, Kind, RecordId, RecordRef, Role, UserId, build};
use sync::Block;
use sync::wire::{ClientFrame, Entry, Pull, PushedChange, PushedCommand, RelayFrame, Return, Returned, nack};
use sync_server::domain::ConnId;

use crate::forge::{Forged, altered, body, chunk, deflate, run, seal, signed, unsigned};
use crate::support::{ADA, BEN, CAT, Person, World, author, command, command_id, created, edited, entries_in, push};

/// Ada's lead on a relay where only owners edit; Ben is a user, Cat an administrator.
struct Scene {
    world: World,
    lead: Document,
    root: NewChange,
    ada: ConnId,
    ben: ConnId,
    cat: ConnId,
    commands: u16,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        world.env.roles.insert(CAT.user, Role::Admin);
        let (ada, ben, cat) = (world.connect_live(ADA), world.connect_live(BEN), world.connect_live(CAT));
        let (mut settings, _) = Document::settings_genesis();
        let option = edited(CAT, &mut settings, "only_owners_edit", true);
        world.push_ok(cat, command(command_id(250, 1), [(&settings, &option)]));
        let (lead, root) = created(ADA, &build::lead("Website").owned_by(ADA.user).with("notes", "Call"));
        world.push_ok(ada, command(command_id(250, 2), [(&lead, &root)]));
        Self { world, lead, root, ada, ben, cat, commands: 0 }
    }

    fn next_command(&mut self) -> CommandId {
        self.commands += 1;
        let [high, low] = self.commands.to_be_bytes();
        command_id(high, low)
    }

    /// Pushes bytes as a change of the lead; they have to be refused with one of these codes, and nothing moves.
    fn refused(&mut self, conn: ConnId, bytes: &[u8], codes: &[&str]) {
        self.refused_for(conn, self.lead.record(), bytes, codes);
    }

    fn refused_for(&mut self, conn: ConnId, record: RecordRef, bytes: &[u8], codes: &[&str]) {
        let before = self.world.relay.head();
        let id = self.next_command();
        let changes = vec![PushedChange { record, change: bytes.to_vec() }];
        let refused = self.world.push_refused(conn, PushedCommand { command: id, more: false, changes });
        assert!(codes.contains(&refused.code.as_str()), "{refused:?}");
        assert_eq!(self.world.relay.head(), before, "nothing is stored");
    }

    fn taken(&mut self, conn: ConnId, change: &NewChange) {
        let id = self.next_command();
        let lead = self.lead.clone();
        self.world.push_ok(conn, command(id, [(&lead, change)]));
    }

    /// An honest edit of the title by Ada that has not arrived, altered.
    fn title(&self, alter: impl FnOnce(&mut ExpandedChange)) -> Vec<u8> {
        altered(&edited(ADA, &mut self.lead.clone(), "title", "Mine").bytes, alter)
    }

    /// The same by anybody, on one field, replacing exactly what stands there.
    fn write(&self, who: Person, key: &str, action: OpType) -> Vec<u8> {
        let change = edited(who, &mut self.lead.clone(), "title", "Mine");
        let pred = self.op_of(key).into_iter().collect::<Vec<_>>();
        altered(&change.bytes, |change| {
            let operation = &mut change.operations[0];
            (operation.key, operation.action, operation.pred) = (Key::Map(key.into()), action, pred.into());
        })
    }

    /// The operation of the record's first change that wrote a key.
    fn op_of(&self, key: &str) -> Option<OpId> {
        let root = automerge::Change::try_from(self.root.bytes.as_slice()).expect("sound").decode();
        let place = root.operations.iter().position(|op| op.obj == ObjectId::Root && op.key == Key::Map(key.into()))?;
        Some(OpId(1 + place as u64, root.actor_id))
    }
}

fn text(value: &str) -> OpType {
    OpType::Put(value.into())
}

fn id_of(user: UserId) -> OpType {
    OpType::Put(ScalarValue::Bytes(user.as_bytes().to_vec()))
}

const INVALID: &[&str] = &[nack::INVALID];
const NOT_ALLOWED: &[&str] = &[nack::NOT_ALLOWED];
const BAD: &[&str] = &[nack::INVALID, nack::MALFORMED, nack::TOO_LARGE];

#[test]
fn row_01_guarded_facts_are_not_put_deleted_or_incremented() {
    let mut scene = Scene::new();
    let (ada, ben) = (scene.ada, scene.ben);

    let stolen = scene.write(BEN, "owner_id", id_of(BEN.user));
    scene.refused(ben, &stolen, NOT_ALLOWED);
    for key in ["created_at", "kind", "id", "schema"] {
        for action in [text("x"), OpType::Put(ScalarValue::Timestamp(5)), OpType::Delete, OpType::Increment(1)] {
            let bytes = scene.write(ADA, key, action);
            scene.refused(ada, &bytes, BAD);
        }
    }
    let orphaned = scene.write(ADA, "owner_id", OpType::Delete);
    scene.refused(ada, &orphaned, INVALID);
}

#[test]
fn row_02_nor_on_a_branch_from_the_creation_under_a_higher_actor() {
    let mut scene = Scene::new();
    let (ada, ben) = (scene.ada, scene.ben);
    let bytes = |scene: &Scene, who, key: &str, action| {
        let written = scene.write(who, key, action);
        altered(&written, |change| (change.actor_id, change.seq) = ([0xff; 16].into(), 1))
    };
    let (created_at, owner) = (
        bytes(&scene, ADA, "created_at", OpType::Put(ScalarValue::Timestamp(5))),
        bytes(&scene, BEN, "owner_id", id_of(BEN.user)),
    );
    let later = edited(ADA, &mut scene.lead, "title", "Moved on");
    scene.taken(ada, &later);

    scene.refused(ada, &created_at, INVALID);
    scene.refused(ben, &owner, NOT_ALLOWED);
}

#[test]
fn row_03_nor_beside_the_winner_of_a_conflict_with_a_delete_of_the_winner_alone() {
    let mut scene = Scene::new();
    let (ada, cat, ben) = (scene.ada, scene.cat, scene.ben);
    let by_ada = edited(ADA, &mut scene.lead.clone(), "owner_id", CAT.user.record());
    let by_cat = edited(CAT, &mut scene.lead.clone(), "owner_id", UserId::from_bytes([9; 16]).record());
    scene.taken(ada, &by_ada);
    scene.taken(cat, &by_cat);
    for change in [&by_ada, &by_cat] {
        scene.lead.apply(&change.bytes).expect("sound");
    }
    let both = edited(CAT, &mut scene.lead.clone(), "owner_id", BEN.user.record());

    for kept in [0, 1] {
        let partial = altered(&both.bytes, |change| {
            let kept = change.operations[0].pred.get(kept).expect("two rivals").clone();
            change.operations[0].pred = vec![kept].into();
        });
        scene.refused(cat, &partial, INVALID);
    }
    let by_ben = edited(BEN, &mut scene.lead.clone(), "owner_id", BEN.user.record());
    scene.refused(ben, &by_ben.bytes, NOT_ALLOWED);
}

#[test]
fn row_04_a_container_is_not_replaced() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    for action in [OpType::Make(ObjType::Text), OpType::Make(ObjType::Map), text("flat"), OpType::Delete] {
        let bytes = scene.write(ADA, "notes", action);
        scene.refused(ada, &bytes, BAD);
    }
}

#[test]
fn row_05_there_are_no_lists_and_letters_are_not_overwritten() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let list = scene.write(ADA, "source", OpType::Make(ObjType::List));
    scene.refused(ada, &list, BAD);
    let typed = edited(ADA, &mut scene.lead.clone(), "notes", "Cull");
    for insert in [false, true] {
        let bytes = altered(&typed.bytes, |change| {
            for operation in &mut change.operations {
                (operation.insert, operation.action) = (insert, text("xy"));
            }
        });
        scene.refused(ada, &bytes, BAD);
    }
}

#[test]
fn row_06_a_delete_names_everything_that_stands() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let bytes = altered(&scene.write(ADA, "value_cents", OpType::Delete), |change| {
        change.operations[0].pred = vec![].into();
    });
    scene.refused(ada, &bytes, BAD);
}

#[test]
fn row_07_predecessors_are_of_the_same_key_and_of_the_past() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let actor = automerge::ActorId::from(scene.root.actor);
    let other_key = scene.op_of("created_at").expect("written");
    for pred in [other_key, OpId(1, actor.clone()), OpId(9_999, actor), OpId(1, [9; 16].into())] {
        let bytes = scene.title(|change| change.operations[0].pred = vec![pred].into());
        scene.refused(ada, &bytes, BAD);
    }
}

#[test]
fn row_08_an_actor_is_its_owners_whether_they_are_online_offline_or_gone() {
    let mut scene = Scene::new();
    let (ada, ben, cat) = (scene.ada, scene.ben, scene.cat);
    let forged = edited(ADA, &mut scene.lead.clone(), "title", "In Ada's name").bytes;

    scene.refused(cat, &forged, &[nack::WRONG_ACTOR]);
    scene.world.relay.disconnect(ada);
    scene.refused(cat, &forged, &[nack::WRONG_ACTOR]);
    scene.world.env.rejected.insert(ADA.user);
    scene.refused(cat, &forged, &[nack::WRONG_ACTOR]);
    scene.refused(ben, &forged, &[nack::WRONG_ACTOR, nack::NOT_ALLOWED]);
}

#[test]
fn row_09_an_orphan_does_not_lock_its_victim_out() {
    let mut scene = Scene::new();
    let (ada, cat) = (scene.ada, scene.cat);
    let orphan = scene.title(|change| change.deps = vec![automerge::ChangeHash([7; 32])]);
    let own = altered(&orphan, |change| change.actor_id = [5; 16].into());

    scene.refused(cat, &orphan, &[nack::WRONG_ACTOR]);
    scene.refused(cat, &own, &[nack::UNKNOWN_DEPENDENCY, nack::WRONG_SEQUENCE]);
    let genuine = edited(ADA, &mut scene.lead, "title", "Ada's own");
    scene.taken(ada, &genuine);
}

#[test]
fn row_10_of_two_changes_with_one_number_at_once_one_is_taken() {
    let mut scene = Scene::new();
    let other = scene.world.connect_live(ADA);
    let frame = |scene: &mut Scene, title: &str| {
        let change = edited(ADA, &mut scene.lead.clone(), "title", title);
        let id = scene.next_command();
        push(vec![command(id, [(&scene.lead, &change)])])
    };
    let (here, there) = (frame(&mut scene, "Here"), frame(&mut scene, "There"));
    let before = scene.world.relay.head().seq;

    scene.world.send_group(vec![(scene.ada, here), (other, there)]);

    assert_eq!(scene.world.relay.head().seq, before + 1);
    let refused = scene.world.hear(other);
    let wrong = |frame: &RelayFrame| matches!(frame, RelayFrame::Nack(nack) if nack.code == nack::WRONG_SEQUENCE);
    assert!(refused.iter().any(wrong), "{refused:?}");
}

#[test]
fn row_11_operations_are_numbered_on_from_what_is_there() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let right = scene.root_ops() + 1;
    for start in [1, right - 1, right + 1, 1 << 31, u64::from(u32::MAX)] {
        let bytes = scene.title(|change| change.start_op = start.try_into().expect("not nought"));
        scene.refused(ada, &bytes, BAD);
    }
    for start in [1 << 53, u64::MAX] {
        let forged = Forged { start_op: start, ..Forged::new(vec![(0x42, run(1, 1))]) };
        scene.refused(ada, &forged.bytes(), BAD);
    }
}

impl Scene {
    fn root_ops(&self) -> u64 {
        self.lead.change_metas()[0].max_op
    }
}

#[test]
fn row_12_what_a_demoted_person_wrote_before_counts_when_it_arrives() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let before = edited(ADA, &mut scene.lead.clone(), "title", "While I could");
    // Nobody tells the open connection: the role is read when the group is committed.
    scene.world.env.roles.insert(ADA.user, Role::Viewer);

    scene.refused(ada, &before.bytes, NOT_ALLOWED);
    scene.world.env.roles.insert(ADA.user, Role::User);
    scene.world.relay.change_rights(sync_server::domain::RightsChange::Role(ADA.user, Role::User));
    scene.taken(ada, &before);
}

#[test]
fn row_13_an_edit_beside_a_transfer_of_ownership_is_decided_by_the_order_of_commits() {
    let mut scene = Scene::new();
    let (ada, ben) = (scene.ada, scene.ben);
    let by_ada = edited(ADA, &mut scene.lead.clone(), "source", "Ada's");
    let by_ben = edited(BEN, &mut scene.lead.clone(), "title", "Ben's");
    let transfer = edited(CAT, &mut scene.lead.clone(), "owner_id", BEN.user.record());
    scene.refused(ben, &by_ben.bytes, NOT_ALLOWED);

    let cat = scene.cat;
    scene.taken(cat, &transfer);

    scene.taken(ben, &by_ben);
    scene.refused(ada, &by_ada.bytes, NOT_ALLOWED);
}

#[test]
fn row_14_a_record_begins_once_and_its_changes_stay_in_it() {
    let mut scene = Scene::new();
    let (ada, record) = (scene.ada, scene.lead.record());
    let draft = build::lead("Again").with_id(record.id);
    let (_, second) = created(CAT, &draft);
    let cat = scene.cat;
    scene.refused(cat, &second.bytes, INVALID);
    let other = scene.world.create(ADA, &build::lead("Other").owned_by(ADA.user));
    let edit = edited(ADA, &mut scene.lead.clone(), "title", "Elsewhere").bytes;
    scene.refused_for(ada, other.record(), &edit, &[nack::UNKNOWN_DEPENDENCY, nack::WRONG_SEQUENCE, nack::WRONG_ACTOR]);
    let fresh = RecordRef::new(Kind::Lead, RecordId::from_bytes([0x77; 16]));
    let root = scene.root.bytes.clone();
    scene.refused_for(ada, fresh, &root, INVALID);
    scene.refused_for(ada, RecordRef::new(Kind::Task, fresh.id), &root, INVALID);
}

#[test]
fn row_15_a_good_prefix_stands_when_the_middle_is_refused() {
    let mut scene = Scene::new();
    let mut ahead = scene.lead.clone();
    let good = edited(ADA, &mut ahead, "title", "Good");
    let bad = edited(ADA, &mut ahead, "title", "Bad");
    let rest = edited(ADA, &mut ahead, "title", "Rest");
    let mut broken = bad.clone();
    broken.bytes.truncate(50);
    let ids = [scene.next_command(), scene.next_command(), scene.next_command()];
    let lead = scene.lead.clone();
    let commands = [&good, &broken, &rest].into_iter().zip(ids).map(|(change, id)| command(id, [(&lead, change)]));

    let frames = scene.world.push(scene.ada, commands.collect());

    let acked: Vec<CommandId> = frames
        .iter()
        .filter_map(|frame| if let RelayFrame::Ack(ack) = frame { Some(&ack.accepted) } else { None })
        .flatten()
        .map(|accepted| accepted.command)
        .collect();
    assert_eq!(acked, [ids[0]]);
    assert_eq!(frames.iter().filter(|frame| matches!(frame, RelayFrame::Nack(_))).count(), 2);
}

#[test]
fn row_16_one_bad_operation_among_ten_thousand_refuses_all() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let long = "word ".repeat(2_000);
    let honest = edited(ADA, &mut scene.lead.clone(), "notes", long.trim_end());
    let created_at = scene.op_of("created_at").expect("written");
    let bytes = altered(&honest.bytes, |change| {
        assert!(change.operations.len() > 9_000);
        change.operations.push(Op {
            action: OpType::Put(ScalarValue::Timestamp(5)),
            obj: ObjectId::Root,
            key: Key::Map("created_at".into()),
            pred: vec![created_at].into(),
            insert: false,
        });
    });

    scene.refused(ada, &bytes, INVALID);
    scene.taken(ada, &honest);
}

#[test]
fn row_17_a_command_that_comes_a_thousand_times_is_taken_once() {
    let mut scene = Scene::new();
    let change = edited(ADA, &mut scene.lead.clone(), "title", "Once");
    let id = scene.next_command();
    let lead = scene.lead.clone();
    let first = scene.world.push_ok(scene.ada, command(id, [(&lead, &change)]));
    let head = scene.world.relay.head();

    for _ in 0..1_000 {
        assert_eq!(scene.world.push_ok(scene.ada, command(id, [(&lead, &change)])), first);
    }
    assert_eq!(scene.world.relay.head(), head);
}

#[test]
fn row_18_only_one_plain_change_chunk_is_one() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let honest = edited(ADA, &mut scene.lead.clone(), "title", "Honest").bytes;
    let plain = body(&honest);
    let mut wrong_sum = honest.clone();
    wrong_sum[4] ^= 1;
    let attacks = [
        scene.lead.save(),
        chunk(3, plain, plain),
        chunk(77, plain, plain),
        [honest.clone(), honest.clone()].concat(),
        [honest.as_slice(), b"x"].concat(),
        wrong_sum,
        [&honest[..9], &[honest[9] | 0x80, 0], &honest[10..]].concat(),
        Forged::new(vec![(0x66, vec![1])]).bytes(),
        Forged { footer: vec![1, 1, 7], ..Forged::new(vec![]) }.bytes(),
    ];
    for bytes in attacks {
        scene.refused(ada, &bytes, BAD);
    }
}

#[test]
fn row_19_bombs_are_refused_before_they_unfold() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let million = 1_000_000;
    let key = [signed(million), unsigned(5), b"title".to_vec()].concat();
    let values = vec![(0x15, key), (0x34, unsigned(million as u64)), (0x42, run(million, 1)), (0x56, run(million, 0))];
    let bomb = Forged::new(values);
    for bytes in [bomb.bytes(), deflate(&bomb.body()), deflate(&vec![0; 8 << 20])] {
        scene.refused(ada, &bytes, BAD);
    }
}

#[test]
fn row_20_times_messages_and_footers_have_bounds() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    for time in [i64::MIN, -1, i64::MAX] {
        let bytes = scene.title(|change| change.time = time);
        scene.refused(ada, &bytes, BAD);
    }
    for message in [vec![b'x'; 1 << 20], vec![b'x'; 257], vec![0xff]] {
        let bytes = Forged { message, ..Forged::new(vec![(0x42, run(1, 1))]) }.bytes();
        scene.refused(ada, &bytes, BAD);
    }
    let footer = Forged { footer: vec![0; 40], ..Forged::new(vec![(0x42, run(1, 1))]) }.bytes();
    scene.refused(ada, &footer, BAD);
}

#[test]
fn row_21_marks_are_refused() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let name = "m".repeat(100_000).into_bytes();
    let named = (0xa5, [signed(1), unsigned(name.len() as u64), name].concat());
    for columns in [vec![(0x42, run(1, 7)), named], vec![(0x42, run(1, 7))], vec![(0x94, vec![0, 1])]] {
        scene.refused(ada, &Forged::new(columns).bytes(), BAD);
    }
    let end = scene.write(ADA, "notes", OpType::MarkEnd(true));
    scene.refused(ada, &end, BAD);
}

#[test]
fn row_22_text_is_sound_and_short_or_refused_and_odd_letters_are_only_letters() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let surrogate = [0xed, 0xa0, 0x80];
    let honest = edited(ADA, &mut scene.lead.clone(), "title", "abc").bytes;
    let mut broken = body(&honest).to_vec();
    let at = broken.windows(3).position(|three| three == b"abc").expect("the title");
    broken[at..at + 3].copy_from_slice(&surrogate);
    scene.refused(ada, &seal(&broken), BAD);
    let combining = scene.write(ADA, "title", text(&"\u{301}".repeat(100_000)));
    scene.refused(ada, &combining, BAD);

    let odd = edited(ADA, &mut scene.lead, "title", "a\u{202e}b\u{0}c");
    scene.taken(ada, &odd);
    assert!(scene.world.relay.verify().expect("the store works").is_sound());
}

#[test]
fn row_23_numbers_are_whole_and_in_range_and_of_the_right_type() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let values = [
        ScalarValue::counter(i64::MAX),
        ScalarValue::F64(f64::NAN),
        ScalarValue::F64(-0.0),
        ScalarValue::F64(f64::INFINITY),
        ScalarValue::Uint(u64::MAX),
        ScalarValue::Int(-1),
        ScalarValue::Int(i64::MAX),
        ScalarValue::Bytes(vec![1; 16]),
        ScalarValue::Null,
    ];
    for value in values {
        let bytes = scene.write(ADA, "value_cents", OpType::Put(value));
        scene.refused(ada, &bytes, BAD);
    }
    let bytes = scene.write(ADA, "title", OpType::Put(ScalarValue::Bytes(b"text".to_vec())));
    scene.refused(ada, &bytes, BAD);
}

#[test]
fn row_24_keys_are_the_schemas() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let long = format!("custom/{}", "k".repeat(256));
    for key in ["", "__proto__", "constructor", "tags", "tags/", "custom", long.as_str(), "password_hash"] {
        let bytes = scene.write(ADA, key, OpType::Put(true.into()));
        scene.refused(ada, &bytes, BAD);
    }
}

#[test]
fn row_25_there_is_no_frame_that_claims_somebodys_presence() {
    let mut scene = Scene::new();
    for unknown in [&b"\x01\x18\x63\x80"[..], b"\x01\x82\x18\x63\x80"] {
        let conn = scene.world.connect_live(BEN);
        scene.world.input(vec![(conn, sync_server::domain::Input::Frame(unknown.to_vec()))]);
        assert!(scene.world.closed.contains(&conn));
    }
}

fn bring(world: &mut World, conn: ConnId, entries: &[Entry]) -> Returned {
    let frames = world.send(conn, ClientFrame::Return(Return { entries: Block::pack(entries) }));
    let returned = frames.iter().find_map(|frame| if let RelayFrame::Returned(one) = frame { Some(one) } else { None });
    returned.cloned().unwrap_or_else(|| panic!("{frames:?}"))
}

/// A change by Ada that the relay does not hold, in an entry as if it had been accepted.
fn unaccepted(scene: &mut Scene) -> Entry {
    let head = scene.world.relay.head();
    let (reader, _) = scene.world.connect(CAT, None);
    let held = entries_in(&scene.world.send(reader, ClientFrame::Pull(Pull { after: 0 })));
    let template = held.last().expect("entries").clone();
    let change = edited(ADA, &mut scene.lead.clone(), "title", "Never accepted");
    let mut entry = Entry { change: change.bytes.clone(), record: scene.lead.record(), ..template };
    (entry.proof.hash, entry.proof.actor, entry.proof.seq) = (change.hash, change.actor, head.seq + 1);
    (entry.proof.user, entry.proof.device) = (ADA.user, ADA.device);
    entry
}

#[test]
fn row_26_changes_that_come_in_another_frame_meet_the_same_gates() {
    let mut scene = Scene::new();
    scene.world.env.roles.insert(BEN.user, Role::Viewer);
    let viewer = scene.world.connect_live(BEN);
    let mut entry = unaccepted(&mut scene);
    (entry.proof.user, entry.proof.device) = (BEN.user, BEN.device);
    let head = scene.world.relay.head();

    let returned = bring(&mut scene.world, viewer, &[entry.clone()]);

    assert_eq!(returned, Returned { taken: 0, refused: vec![entry.proof.hash] });
    assert_eq!(scene.world.relay.head(), head);
}

#[test]
fn row_27_where_a_file_lies_is_written_by_nobody_and_what_it_is_never_changes() {
    let mut scene = Scene::new();
    let cat = scene.cat;
    let lead = scene.lead.record();
    let draft = |path: bool| {
        let mut fields = model::Fields::from([
            ("linked_type".to_owned(), "lead".into()),
            ("linked_id".to_owned(), lead.id.into()),
            ("filename".to_owned(), "a.pdf".into()),
            ("checksum".to_owned(), "ab".into()),
            ("uploaded_at".to_owned(), model::build::now().into()),
            ("created_at".to_owned(), model::build::now().into()),
            ("owner_id".to_owned(), CAT.user.into()),
        ]);
        if path {
            fields.insert("path".into(), "../../another".into());
        }
        fields
    };
    let record = RecordRef::new(Kind::Attachment, RecordId::from_bytes([0x41; 16]));
    let (_, with_path) =
        Document::create(record, &draft(true), &author(CAT, record)).expect("the ledger minds no rights");
    scene.refused_for(cat, record, &with_path.bytes, NOT_ALLOWED);
    let (document, root) = Document::create(record, &draft(false), &author(CAT, record)).expect("valid");
    let id = scene.next_command();
    scene.world.push_ok(cat, command(id, [(&document, &root)]));
    let renamed = edited(CAT, &mut document.clone(), "filename", "b.pdf");
    let swapped = altered(&renamed.bytes, |change| change.operations[0].key = Key::Map("checksum".into()));

    scene.refused_for(cat, record, &swapped, INVALID);
}

#[test]
fn row_28_a_change_of_rights_and_a_write_in_one_batch_are_judged_in_their_order() {
    let mut world = World::new();
    world.env.roles.insert(CAT.user, Role::Admin);
    let (ben, cat) = (world.connect_live(BEN), world.connect_live(CAT));
    let lead = world.create(ADA, &build::lead("Website").owned_by(ADA.user));
    let (mut settings, _) = Document::settings_genesis();
    let by_ben = edited(BEN, &mut lead.clone(), "title", "Ben's");
    let by_user = edited(BEN, &mut settings.clone(), "only_owners_edit", true);
    let both = command(command_id(1, 1), [(&settings, &by_user), (&lead, &by_ben)]);
    let head = world.relay.head();
    let refused = world.push_refused(ben, both);
    assert_eq!((refused.code.as_str(), world.relay.head()), (nack::NOT_ALLOWED, head));

    let on = edited(CAT, &mut settings, "only_owners_edit", true);
    let option = push(vec![command(command_id(1, 2), [(&settings, &on)])]);
    let write = push(vec![command(command_id(1, 3), [(&lead, &by_ben)])]);
    world.send_group(vec![(cat, option), (ben, write)]);

    let heard = world.hear(ben);
    let denied = |frame: &RelayFrame| matches!(frame, RelayFrame::Nack(nack) if nack.code == nack::NOT_ALLOWED);
    assert!(heard.iter().any(denied), "{heard:?}");
    assert_eq!(world.relay.head().seq, head.seq + 1);
}

#[test]
fn row_29_a_receipt_is_for_one_change_in_one_record_by_one_person() {
    let mut scene = Scene::new();
    let forged = unaccepted(&mut scene);
    let mut elsewhere = forged.clone();
    elsewhere.record = RecordRef::new(Kind::Lead, RecordId::from_bytes([0x66; 16]));
    let mut blank = forged.clone();
    blank.proof.receipt = sync::receipt::Receipt([0; 16]);
    let head = scene.world.relay.head();
    let ben = scene.world.connect_live(BEN);

    for entry in [forged, elsewhere, blank] {
        let hash: ChangeHash = entry.proof.hash;
        assert_eq!(bring(&mut scene.world, ben, &[entry]), Returned { taken: 0, refused: vec![hash] });
    }
    assert_eq!(scene.world.relay.head(), head);
}

#[test]
fn row_30_values_do_not_pile_up_on_one_field() {
    let mut scene = Scene::new();
    let ada = scene.ada;
    let record = scene.lead.record();
    let (mut taken, mut refused) = (0, 0);
    for index in 0..1_000_u32 {
        let device = DeviceId(ADA.device.0);
        let actor = actor_id(device, ADA.user, record.id, 0, &index.to_be_bytes());
        let beside = Author { actor, at: model::build::now() };
        let changes = FieldChanges::from([("source".to_owned(), Some(format!("{index}").into()))]);
        let change = scene.lead.clone().edit(&changes, &[], &beside, &beside).expect("sound").expect("a change");
        let id = scene.next_command();
        let lead = scene.lead.clone();
        let frames = scene.world.push(ada, vec![command(id, [(&lead, &change)])]);
        match frames.as_slice() {
            [RelayFrame::Ack(_)] => taken += 1,
            [RelayFrame::Nack(nack)] if nack.code == nack::INVALID => refused += 1,
            other => panic!("{other:?}"),
        }
    }

    assert_eq!((taken, taken + refused), (ledger::guard::RIVALS_MAX, 1_000));
}
