//! A record's first change, put together in one go: an import makes a hundred thousand of them, and writing
//! operation by operation takes three times as long.

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{Change, ExpandedChange, ObjType, ScalarValue};
use model::schema::{FieldType, SCHEMA_VERSION};
use model::{Fields, RecordRef, Value};

use crate::ActorId;
use crate::codec::scalar_from_value;
use crate::document::{ID_KEY, KIND_KEY, SCHEMA_KEY};

/// The first change of a record: which it is, a text object for every note, and its fields.
pub(crate) fn first_change(record: RecordRef, fields: &Fields, actor: ActorId, at_millis: i64) -> Change {
    let mut root = Root { actor: actor.into(), operations: Vec::new() };
    root.put(KIND_KEY, record.kind.name().into());
    root.put(ID_KEY, record.id.as_bytes().to_vec().into());
    root.put(SCHEMA_KEY, i64::from(SCHEMA_VERSION).into());
    let notes = || record.kind.fields().iter().filter(|field| field.of == FieldType::Note);
    for field in notes() {
        root.put_text(field.key, fields.get(field.key).and_then(Value::as_text).unwrap_or(""));
    }
    for (key, value) in fields.iter().filter(|(key, _)| notes().all(|note| note.key != key.as_str())) {
        root.put(key, scalar_from_value(value));
    }
    root.change(at_millis)
}

/// Operations as they gather; the first is number 1.
struct Root {
    actor: automerge::ActorId,
    operations: Vec<Op>,
}

impl Root {
    fn put(&mut self, key: &str, scalar: ScalarValue) {
        self.push(OpType::Put(scalar), ObjectId::Root, Key::Map(key.into()));
    }

    /// A text object and a letter after the other.
    fn put_text(&mut self, key: &str, text: &str) {
        let object = ObjectId::Id(self.push(OpType::Make(ObjType::Text), ObjectId::Root, Key::Map(key.into())));
        let mut after = ElementId::Head;
        for letter in text.chars() {
            let put = OpType::Put(ScalarValue::from(letter));
            after = ElementId::Id(self.push(put, object.clone(), Key::Seq(after)));
        }
    }

    fn push(&mut self, action: OpType, obj: ObjectId, key: Key) -> OpId {
        let insert = matches!(key, Key::Seq(_));
        self.operations.push(Op { action, obj, key, pred: Vec::new().into(), insert });
        OpId::new(self.operations.len() as u64, &self.actor)
    }

    fn change(self, at_millis: i64) -> Change {
        Change::from(ExpandedChange {
            operations: self.operations,
            actor_id: self.actor,
            hash: None,
            seq: 1,
            start_op: NonZeroU64::MIN,
            time: at_millis,
            message: None,
            deps: Vec::new(),
            extra_bytes: Vec::new(),
            author: None,
        })
    }
}
