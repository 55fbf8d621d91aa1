//! The gates in the order in which the relay has them.

use std::collections::BTreeMap;

use ledger::guard::{Touched, Write, admit, check_room, inspect, paths};
use ledger::{ActorId, Document};
use model::policy::{Actor, Denied, Role, Standing};
use model::{Kind, RecordRef, suggestion};

use crate::dice::Dice;
use crate::ground::{Ground, Stage, user};

/// In whose name a change is pushed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    /// 1 owns the lead, 2 has sent the suggestion, 3 neither.
    pub(crate) person: u8,
    pub(crate) role: Role,
    pub(crate) only_owners_edit: bool,
}

impl Who {
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let role = *dice.pick(&[Role::User, Role::User, Role::User, Role::User, Role::Admin, Role::Viewer]);
        Self { person: 1 + dice.below(3) as u8, role, only_owners_edit: !dice.one_in(3) }
    }

    pub(crate) const fn actor(self) -> Actor {
        Actor { user: user(self.person), role: self.role, only_owners_edit: self.only_owners_edit }
    }
}

/// The gate that refused, with its reason.
#[derive(Debug)]
pub(crate) struct Gate(pub(crate) String);

impl Gate {
    fn new(gate: &str, why: impl std::fmt::Display) -> Self {
        Self(format!("{gate}: {why}"))
    }
}

/// Passes a change of an attacked record through all gates; the document with it when none refuses.
pub(crate) fn judge(ground: &Ground, stage: &Stage, who: Who, bytes: &[u8]) -> Result<Document, Gate> {
    pass((ground.record, stage.document.as_ref()), &ground.writers, who, bytes)
}

/// Passes a change through all gates.
pub(crate) fn pass(
    (record, document): (RecordRef, Option<&Document>),
    writers: &BTreeMap<ActorId, u8>,
    who: Who,
    bytes: &[u8],
) -> Result<Document, Gate> {
    let actor = who.actor();
    actor.may_create(record.kind).map_err(|denied| Gate::new("1 session", denied))?;
    let change = inspect(bytes).map_err(|error| Gate::new("2 bytes", error.code()))?;
    if writers.get(&change.actor).is_some_and(|person| *person != who.person) {
        return Err(Gate::new("3 change", "wrong_actor"));
    }
    if document.is_some_and(|document| document.contains(&change.hash)) {
        return Err(Gate::new("3 change", "here already"));
    }
    let admitted = admit(document, record, &change);
    admitted.map_err(|error| Gate::new("3-4 change and operations", error.code()))?;
    let touched = paths(document, record, &change);
    permit(&actor, document, record.kind, &touched).map_err(|denied| Gate::new("5 policy", denied))?;
    let trial = |why: &dyn std::fmt::Display| Gate::new("6 trial", why);
    let Some(document) = document else {
        let first = Document::from_changes(record, [change.bytes.as_slice()]).map_err(|error| trial(&error))?;
        let problems = model::schema::check_record(record.kind, &first.read().0.fields);
        return if problems.is_empty() { Ok(first) } else { Err(trial(&"incomplete")) };
    };
    let mut after = document.clone();
    check_room(Some(&mut after), &change).map_err(|error| trial(&error.code()))?;
    after.apply(&change.bytes).map_err(|error| trial(&error))?;
    Ok(after)
}

pub(crate) fn permit(
    actor: &Actor,
    document: Option<&Document>,
    kind: Kind,
    touched: &[Touched],
) -> Result<(), Denied> {
    let Some(document) = document else {
        return touched.iter().try_for_each(|one| match &one.write {
            Write::Set(value) => actor.may_begin_with(kind, &one.key, value),
            Write::Removed | Write::Typed => actor.may_create(kind),
        });
    };
    let (record, _) = document.read();
    let decider = suggestion::addressee(&record);
    let standing = Standing { kind, owner: document.owner(), decider };
    touched.iter().try_for_each(|one| actor.may_write(&standing, &one.key))
}
