//! One row → the records it creates or changes. Nothing is final before the whole row is known to be usable.

use model::import::{MatchMode, RowFate, RowOutcome};
use model::schema::check_record;
use model::value::{FieldChanges, Fields};
use model::{IdSource, Kind, Record, RecordId, RecordRef, Value};

use crate::csv_file::Row;
use crate::draft::{Draft, DraftRow, RowReader};
use crate::identity::{conversation_identity, rank};
use crate::matching::Index;
use crate::plan::Setup;
use crate::report::ROWS_SHOWN;
use crate::show::Shown;
use crate::standing::Meeting;
use crate::wanted::Wanted;

/// One record of a row, planned.
#[derive(Debug, Clone)]
pub(crate) struct Staged {
    /// Which record.
    pub(crate) record: RecordRef,
    /// A new record's fields.
    pub(crate) created: Option<Fields>,
    /// An existing record's changes.
    pub(crate) changes: FieldChanges,
    /// An external id that leads to this record within the file.
    pub(crate) other_ref: Option<String>,
    /// The row says no more of it than its name.
    pub(crate) only_linked: bool,
    /// For the report.
    pub(crate) outcome: RowOutcome,
}

/// Plans one row.
pub(crate) struct RowPlanner<'p> {
    setup: &'p Setup,
    reader: &'p RowReader<'p>,
    index: &'p Index,
    row: u64,
    staged: Vec<Staged>,
    warnings: Vec<String>,
    missed_owners: Vec<String>,
    leads_placed: u64,
}

/// The records that a row's other records are linked to.
#[derive(Debug, Clone, Copy, Default)]
struct Links {
    account: Option<RecordId>,
    contact: Option<RecordId>,
    lead: Option<RecordId>,
}

impl<'p> RowPlanner<'p> {
    /// Prepares to plan a row; so many leads have been given a place before.
    pub(crate) fn new(setup: &'p Setup, reader: &'p RowReader<'p>, index: &'p Index, leads_placed: u64) -> Self {
        let (staged, warnings, missed_owners) = Default::default();
        Self { setup, reader, index, row: 0, staged, warnings, missed_owners, leads_placed }
    }

    /// How many leads have been given a place.
    pub(crate) const fn leads_placed(&self) -> u64 {
        self.leads_placed
    }

    /// What did not fit, and owners that nobody is.
    pub(crate) fn into_warnings(self) -> (Vec<String>, Vec<String>) {
        (self.warnings, self.missed_owners)
    }

    /// Plans the row; an error is the reason why nothing of it can be used.
    pub(crate) fn plan(&mut self, row: &Row, ids: &mut impl IdSource) -> Result<Vec<Staged>, String> {
        self.row = row.number;
        let mut draft = self.reader.read(&row.cells);
        self.warnings = std::mem::take(&mut draft.warnings);
        self.missed_owners = std::mem::take(&mut draft.unknown_owners);
        self.settle(&mut draft, row)?;
        let mut links = Links { account: self.linked_account(&mut draft), ..Links::default() };
        links.account = self.plan_account(&mut draft, links, ids)?;
        let contacts = self.linked_contacts(&mut draft);
        links.contact = self.plan_contact(&mut draft, links, ids)?.or_else(|| contacts.first().copied());
        links.lead = self.plan_lead(&mut draft, links, &contacts, ids)?;
        self.plan_conversations(&mut draft, links, ids)?;
        if self.staged.is_empty() {
            return Err(self.reason("nothing in this row can be imported"));
        }
        Ok(std::mem::take(&mut self.staged))
    }

    /// Decides which records the row really has. What it says of one that lacks its name goes to the notes of the
    /// record the row is about.
    fn settle(&self, draft: &mut DraftRow, row: &Row) -> Result<(), String> {
        let main = self.setup.mapping.main();
        let named_account =
            !draft.account.text("name").is_empty() || self.find(Kind::Account, &draft.account).is_some();
        let named_contact = !draft.emails.is_empty()
            || ["first_name", "last_name"].iter().any(|key| !draft.contact.text(key).is_empty())
            || self.find(Kind::Contact, &draft.contact).is_some();
        let named_lead = !draft.lead.text("title").is_empty() || self.find(Kind::Lead, &draft.lead).is_some();
        let says_contact = !draft.contact.is_empty() || !draft.phones.is_empty();
        let kinds = [
            (Kind::Account, named_account, !draft.account.is_empty(), "an account needs a name"),
            (Kind::Contact, named_contact, says_contact, "a contact needs a name or an e-mail address"),
            (
                Kind::Lead,
                named_lead,
                !draft.lead.is_empty() || draft.standing != Default::default(),
                "a lead needs a title",
            ),
        ];
        for (kind, named, says_something, reason) in kinds {
            if named || (!says_something && kind != main) {
                continue;
            }
            // A file about people and deals has rows about people alone, an address book has companies.
            let elsewhere = !says_something && self.setup.mapping.is_mixed();
            let company = kind == Kind::Contact && named_account;
            if kind == main && !elsewhere && !company {
                return Err(self.reason(reason));
            }
            let lines = self.reader.lines_of(&row.cells, kind);
            let phone = draft.phones.first().filter(|_| kind == Kind::Contact).map(|phone| phone.value.clone());
            *draft.draft(kind) = Draft::default();
            if kind == Kind::Contact {
                draft.phones.clear();
            }
            if company && main == Kind::Contact {
                draft.account.lines.extend(lines);
                let phone = phone.filter(|_| !draft.account.fields.contains_key("phone"));
                draft.account.fields.extend(phone.map(|phone| ("phone".to_owned(), phone.into())));
            } else {
                draft.draft(main).lines.extend(lines);
            }
        }
        Ok(())
    }

    fn reason(&self, reason: &str) -> String {
        std::iter::once(reason.to_owned()).chain(self.warnings.iter().cloned()).collect::<Vec<_>>().join("; ")
    }

    /// The record that a draft's own id or keys lead to.
    fn find(&self, kind: Kind, draft: &Draft) -> Option<RecordId> {
        if draft.is_empty() {
            return None;
        }
        let mut fields = draft.fields.clone();
        if let Some(id) = &draft.external_id {
            fields.insert("import_ref".into(), self.import_ref(kind, id).into());
        }
        self.index.find(&sketch(kind, fields))
    }

    fn import_ref(&self, kind: Kind, id: &str) -> String {
        format!("{}:{id}", self.setup.mapping.ref_prefix(kind))
    }

    fn linked_account(&mut self, draft: &mut DraftRow) -> Option<RecordId> {
        let refs = [&mut draft.contact, &mut draft.lead, &mut draft.activity].map(|draft| draft.account_ref.take());
        let id = refs.into_iter().flatten().next()?;
        let found = self.index.by_ref(Kind::Account, &self.import_ref(Kind::Account, &id));
        if found.is_none() && draft.account.is_empty() {
            self.not_imported(draft, &format!("account {id}"));
        }
        found
    }

    fn linked_contacts(&mut self, draft: &mut DraftRow) -> Vec<RecordId> {
        let mut ids = std::mem::take(&mut draft.lead.contact_refs);
        ids.append(&mut draft.activity.contact_refs);
        let mut contacts = Vec::new();
        for id in ids {
            match self.index.by_ref(Kind::Contact, &self.import_ref(Kind::Contact, &id)) {
                Some(contact) => contacts.push(contact),
                None => self.not_imported(draft, &format!("contact {id}")),
            }
        }
        contacts
    }

    /// A link to what has not been imported is kept in the notes.
    fn not_imported(&mut self, draft: &mut DraftRow, what: &str) {
        self.warnings.push(format!("{what} has not been imported yet; kept in the notes"));
        draft.draft(self.setup.mapping.main()).lines.push(format!("Linked to {what}"));
    }

    fn plan_account(
        &mut self,
        draft: &mut DraftRow,
        links: Links,
        ids: &mut impl IdSource,
    ) -> Result<Option<RecordId>, String> {
        let account = std::mem::take(&mut draft.account);
        if account.is_empty() {
            return Ok(links.account);
        }
        let only_linked = self.setup.mapping.main() != Kind::Account
            && account.fields.keys().all(|key| key == "name")
            && account.lines.is_empty();
        let external_id = account.external_id.clone();
        let wanted = Wanted::from_draft(account);
        let ready = Ready { kind: Kind::Account, wanted, external_id, found: links.account, only_linked };
        self.stage(ready, ids).map(Some)
    }

    fn plan_contact(
        &mut self,
        draft: &mut DraftRow,
        links: Links,
        ids: &mut impl IdSource,
    ) -> Result<Option<RecordId>, String> {
        let contact = std::mem::take(&mut draft.contact);
        let (emails, phones) = (std::mem::take(&mut draft.emails), std::mem::take(&mut draft.phones));
        if contact.is_empty() && emails.is_empty() && phones.is_empty() {
            return Ok(None);
        }
        let external_id = contact.external_id.clone();
        let only_linked = self.setup.mapping.main() != Kind::Contact && contact.lines.is_empty();
        let mut wanted = Wanted { emails, phones, ..Wanted::from_draft(contact) };
        link(&mut wanted.fields, "account_id", links.account);
        self.stage(Ready { kind: Kind::Contact, wanted, external_id, found: None, only_linked }, ids).map(Some)
    }

    fn plan_lead(
        &mut self,
        draft: &mut DraftRow,
        links: Links,
        contacts: &[RecordId],
        ids: &mut impl IdSource,
    ) -> Result<Option<RecordId>, String> {
        let lead = std::mem::take(&mut draft.lead);
        let by_ref = draft.activity.lead_ref.take();
        if lead.is_empty() {
            let found = by_ref.as_ref().and_then(|id| self.index.by_ref(Kind::Lead, &self.import_ref(Kind::Lead, id)));
            if let (Some(id), None) = (by_ref, found) {
                self.not_imported(draft, &format!("lead {id}"));
            }
            return Ok(found);
        }
        let external_id = lead.external_id.clone();
        let mut wanted = Wanted::from_draft(lead);
        link(&mut wanted.fields, "account_id", links.account);
        if !self.setup.mapping.creates_leads() {
            let lead = sketch(Kind::Lead, wanted.fields);
            let found = self.index.find(&lead);
            if found.is_none() {
                self.not_imported(draft, &format!("lead {}", lead.text("title")));
            }
            return Ok(found);
        }
        link(&mut wanted.fields, "primary_contact_id", links.contact);
        for contact in contacts.iter().filter(|contact| links.contact != Some(**contact)) {
            wanted.fields.insert(format!("contacts/{contact}"), "Other".into());
        }
        if !self.setup.options.default_source.is_empty() {
            wanted.defaults.insert("source".into(), self.setup.options.default_source.as_str().into());
        }
        let ready = Ready { kind: Kind::Lead, wanted, external_id, found: None, only_linked: false };
        self.stage_lead(ready, draft, ids).map(Some)
    }

    fn stage_lead(&mut self, mut ready: Ready, draft: &DraftRow, ids: &mut impl IdSource) -> Result<RecordId, String> {
        let rank = rank(self.setup.context.now.as_millis(), self.leads_placed);
        let met = Meeting { settings: &self.setup.context.settings, today: self.setup.today, rank: &rank };
        self.set_import_ref(&mut ready);
        let found = self.match_of(&ready);
        ready.found = found;
        match found.and_then(|id| self.index.get(id)) {
            None => draft.standing.complete(&mut ready.wanted.fields, &mut ready.wanted.defaults, &met),
            Some(lead) => {
                let mode = self.setup.options.mode;
                let changes = draft.standing.changes(lead, mode, &mut ready.wanted.fields, &met);
                self.leads_placed += u64::from(changes.contains_key("place"));
                return self.stage_existing(ready, changes);
            }
        }
        self.leads_placed += 1;
        self.stage_new(ready, ids)
    }

    fn plan_conversations(
        &mut self,
        draft: &mut DraftRow,
        links: Links,
        ids: &mut impl IdSource,
    ) -> Result<(), String> {
        let created = draft.activity.fields.get("created_at").cloned();
        for mut conversation in [std::mem::take(&mut draft.activity), std::mem::take(&mut draft.note)] {
            if conversation.text("body").is_empty() && conversation.text("subject").is_empty() {
                let Some(first) = conversation.lines.first().cloned() else { continue };
                conversation.lines.remove(0);
                conversation.fields.insert("body".into(), first.into());
            }
            let identity = conversation_identity(&conversation, [links.account, links.contact, links.lead]);
            let external_id = conversation.external_id.clone().or(Some(identity));
            let mut wanted = Wanted::from_draft(conversation);
            link(&mut wanted.fields, "account_id", links.account);
            link(&mut wanted.fields, "contact_id", links.contact);
            link(&mut wanted.fields, "lead_id", links.lead);
            let happened = created.clone().unwrap_or_else(|| self.setup.context.now.into());
            wanted.defaults.extend([
                ("type".to_owned(), "note".into()),
                ("via".to_owned(), "import".into()),
                ("occurred_at".to_owned(), happened),
            ]);
            self.stage(Ready { kind: Kind::Activity, wanted, external_id, found: None, only_linked: false }, ids)?;
        }
        Ok(())
    }

    fn stage(&mut self, mut ready: Ready, ids: &mut impl IdSource) -> Result<RecordId, String> {
        self.set_import_ref(&mut ready);
        ready.found = ready.found.or_else(|| self.match_of(&ready));
        if ready.found.is_some() { self.stage_existing(ready, FieldChanges::new()) } else { self.stage_new(ready, ids) }
    }

    const fn is_shown(&self) -> bool {
        self.row <= ROWS_SHOWN
    }

    fn set_import_ref(&self, ready: &mut Ready) {
        if let Some(id) = &ready.external_id {
            ready.wanted.fields.insert("import_ref".into(), self.import_ref(ready.kind, id).into());
        }
    }

    fn match_of(&self, ready: &Ready) -> Option<RecordId> {
        let always_new = self.setup.options.mode == MatchMode::AlwaysCreate && ready.kind == self.setup.mapping.main();
        if always_new { None } else { self.index.find(&sketch(ready.kind, ready.wanted.created(ready.kind))) }
    }

    fn stage_new(&mut self, mut ready: Ready, ids: &mut impl IdSource) -> Result<RecordId, String> {
        let context = &self.setup.context;
        ready.wanted.defaults.insert("owner_id".into(), context.actor.user.into());
        ready.wanted.defaults.insert("created_at".into(), context.now.into());
        let fields = ready.wanted.created(ready.kind);
        if let Some(problem) = check_record(ready.kind, &fields).into_iter().next() {
            return Err(self.reason(&problem.to_string()));
        }
        let record = RecordRef::new(ready.kind, ids.fresh_record_id());
        let new = Record { kind: ready.kind, id: record.id, fields };
        if let Some(alike) = self.index.lookalike(&new) {
            self.warnings.push(format!("looks like {}, which is there already", alike.display_name()));
        }
        let shown = Shown { settings: &context.settings, index: self.index, staged: &self.staged };
        let outcome = RowOutcome {
            row: self.row,
            kind: ready.kind,
            name: new.display_name(),
            what: RowFate::Create,
            changes: if self.is_shown() { shown.created(&new) } else { Vec::new() },
        };
        let created = Some(new.fields);
        self.staged.push(Staged {
            record,
            created,
            changes: FieldChanges::new(),
            other_ref: None,
            only_linked: ready.only_linked,
            outcome,
        });
        Ok(record.id)
    }

    fn stage_existing(&mut self, ready: Ready, mut changes: FieldChanges) -> Result<RecordId, String> {
        let Some(before) = ready.found.and_then(|id| self.index.get(id)) else {
            return Err(self.reason("the record it belongs to is gone"));
        };
        let (kind, id) = (before.kind, before.id);
        let mode = match self.setup.options.mode {
            _ if kind == Kind::Activity => MatchMode::Skip,
            // What a new record is linked to is not created twice.
            MatchMode::AlwaysCreate => MatchMode::FillBlanks,
            // A record that the row only names keeps its own spelling.
            MatchMode::Overwrite if ready.only_linked => MatchMode::FillBlanks,
            mode => mode,
        };
        changes.extend(ready.wanted.changes(before, mode));
        if !changes.is_empty() && self.setup.context.actor.may_edit(kind, before.owner()).is_err() {
            self.warnings.push(format!("{} belongs to somebody else and was left alone", before.display_name()));
            changes.clear();
        }
        let mut after = before.clone();
        for (key, value) in changes.clone() {
            match value {
                Some(value) => after.fields.insert(key, value),
                None => after.fields.remove(&key),
            };
        }
        if let Some(problem) =
            check_record(kind, &after.fields).into_iter().find(|problem| changes.contains_key(&problem.key))
        {
            return Err(self.reason(&problem.to_string()));
        }
        let shown = Shown { settings: &self.setup.context.settings, index: self.index, staged: &self.staged };
        let outcome = RowOutcome {
            row: self.row,
            kind,
            name: before.display_name(),
            what: if changes.is_empty() { RowFate::Skip } else { RowFate::Update },
            changes: if self.is_shown() { shown.changed(before, &after) } else { Vec::new() },
        };
        let own_ref = before.text("import_ref").to_owned();
        let wanted_ref = ready.wanted.fields.get("import_ref").and_then(Value::as_text);
        let other_ref = wanted_ref.filter(|wanted| *wanted != own_ref).map(str::to_owned);
        let record = RecordRef::new(kind, id);
        self.staged.push(Staged { record, created: None, changes, other_ref, only_linked: ready.only_linked, outcome });
        Ok(id)
    }
}

/// A record about to be matched.
struct Ready {
    kind: Kind,
    wanted: Wanted,
    external_id: Option<String>,
    found: Option<RecordId>,
    only_linked: bool,
}

/// A record that is looked for; it has no id yet.
const fn sketch(kind: Kind, fields: Fields) -> Record {
    Record { kind, id: RecordId::from_bytes([0; 16]), fields }
}

fn link(fields: &mut Fields, key: &str, to: Option<RecordId>) {
    if let Some(id) = to {
        fields.insert(key.to_owned(), id.into());
    }
}
