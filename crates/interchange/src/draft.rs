//! One row's cells → what it says about an account, a contact, a lead, an activity and a note.

use std::collections::BTreeMap;

use csv::StringRecord;
use model::fold::fold;
use model::import::ImportOptions;
use model::input::{InputContext, PhoneError, parse_email, parse_field, parse_phone};
use model::schema::{FieldType, KEY_MAX_BYTES, LINE_MAX_CHARS, NOTE_MAX_BYTES};
use model::value::Fields;
use model::{Date, Kind, Record, Settings, StageKind, Timestamp, Value};

use crate::cells::{clean, plain_text, split_first, split_name, split_phones, split_values, with_calling_code};
use crate::keys::name_key;
use crate::mapping::{Column, Mapping};
use crate::spelling::other_spelling;
use crate::target::Slot;
use crate::words;

/// Most tags, addresses or numbers that are taken from a row.
const MEMBERS_MAX: usize = 100;

/// What a row says about one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Fields of the schema, without links.
    pub(crate) fields: Fields,
    /// Lines for the notes: columns that are appended, cells that did not fit their field.
    pub(crate) lines: Vec<String>,
    /// Its id in the program the file comes from.
    pub(crate) external_id: Option<String>,
    /// The id there of its account.
    pub(crate) account_ref: Option<String>,
    /// The ids there of its contacts.
    pub(crate) contact_refs: Vec<String>,
    /// The id there of its lead.
    pub(crate) lead_ref: Option<String>,
}

/// An address or number with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labelled {
    /// The address or number.
    pub(crate) value: String,
    /// What it is for; may be empty.
    pub(crate) label: String,
}

/// Where a lead stands, as far as the row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The stage's id.
    pub(crate) stage: Option<String>,
    /// Open, won or lost.
    pub(crate) status: Option<StageKind>,
    /// When it closed or is expected to.
    pub(crate) close_date: Option<Date>,
    /// When it was won.
    pub(crate) won_on: Option<Date>,
    /// When it was lost.
    pub(crate) lost_on: Option<Date>,
}

/// What a row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DraftRow {
    pub(crate) account: Draft,
    pub(crate) contact: Draft,
    pub(crate) emails: Vec<Labelled>,
    pub(crate) phones: Vec<Labelled>,
    pub(crate) lead: Draft,
    pub(crate) standing: Standing,
    pub(crate) activity: Draft,
    pub(crate) note: Draft,
    /// What did not fit; the cells' text is in the notes.
    pub(crate) warnings: Vec<String>,
    /// Owners that nobody is.
    pub(crate) unknown_owners: Vec<String>,
}

/// Reads rows as a mapping says.
pub(crate) struct RowReader<'a> {
    mapping: &'a Mapping,
    options: &'a ImportOptions,
    settings: &'a Settings,
    owners: &'a BTreeMap<String, Value>,
    contexts: Vec<InputContext<'a>>,
    now: Timestamp,
}

/// What is put together only when all cells are read.
#[derive(Default)]
struct Loose<'r> {
    full_name: Option<(&'r Column, &'r str)>,
    middle_name: &'r str,
    email_label: &'r str,
    phone_label: &'r str,
    calling_code: &'r str,
}

/// People by folded name and e-mail address, for columns that name owners.
pub(crate) fn owners_by_name(users: &[Record]) -> BTreeMap<String, Value> {
    let keys = |user: &Record| {
        [name_key(user.text("name")), fold(user.text("email").trim())].map(|key| (key, Value::Id(user.id)))
    };
    let mut owners: BTreeMap<String, Value> = users.iter().flat_map(keys).collect();
    owners.remove("");
    owners
}

impl<'a> RowReader<'a> {
    /// Prepares to read rows at a moment.
    pub(crate) fn new(
        mapping: &'a Mapping,
        options: &'a ImportOptions,
        settings: &'a Settings,
        owners: &'a BTreeMap<String, Value>,
        now: Timestamp,
    ) -> Self {
        let base = InputContext::new(settings, now);
        let context =
            |column: &Column| InputContext { date_order: column.date_order, decimal: column.decimal, ..base.clone() };
        Self { mapping, options, settings, owners, contexts: mapping.columns.iter().map(context).collect(), now }
    }

    /// Reads one row.
    pub(crate) fn read(&self, cells: &StringRecord) -> DraftRow {
        let mut row = DraftRow::default();
        let mut loose = Loose::default();
        for (index, (column, cell)) in self.mapping.columns.iter().zip(cells).enumerate() {
            let cell = clean(cell);
            if cell.is_empty() || column.slot == Slot::Skip {
                continue;
            }
            if let Err(reason) = self.read_cell(&mut row, &mut loose, index, cell) {
                row.keep(column, cell, &reason);
            }
        }
        self.finish(&mut row, &loose);
        row
    }

    /// The cells of one kind as lines for the notes of another record; labels and ids say nothing there.
    pub(crate) fn lines_of(&self, cells: &StringRecord, kind: Kind) -> Vec<String> {
        let says_nothing = |column: &Column, cell: &str| match column.slot {
            Slot::EmailLabel | Slot::PhoneLabel | Slot::CallingCode | Slot::ExternalId(_) => true,
            Slot::Tags(_) => cell.starts_with("* "),
            _ => cell.is_empty(),
        };
        let cells = self.mapping.columns.iter().zip(cells).map(|(column, cell)| (column, clean(cell)));
        let of_kind = cells.filter(|(column, _)| column.slot.kind() == Some(kind));
        of_kind.filter(|(column, cell)| !says_nothing(column, cell)).map(|(column, cell)| line(column, cell)).collect()
    }

    fn read_cell<'r>(
        &'r self,
        row: &mut DraftRow,
        loose: &mut Loose<'r>,
        index: usize,
        cell: &'r str,
    ) -> Result<(), String> {
        let column = &self.mapping.columns[index];
        match &column.slot {
            Slot::FullName => loose.full_name = loose.full_name.or(Some((column, cell))),
            Slot::MiddleName => loose.middle_name = cell,
            Slot::EmailLabel => loose.email_label = cell,
            Slot::PhoneLabel => loose.phone_label = cell,
            Slot::CallingCode => loose.calling_code = cell,
            Slot::Emails(label) => {
                let label = if label.is_empty() { std::mem::take(&mut loose.email_label) } else { label };
                return row.add_emails(cell, label);
            }
            Slot::Phones(label) => {
                let label = if label.is_empty() { std::mem::take(&mut loose.phone_label) } else { label };
                return row.add_phones(cell, label, &self.contexts[index]);
            }
            slot => return self.read_plain(row, slot, index, cell),
        }
        Ok(())
    }

    fn read_plain(&self, row: &mut DraftRow, slot: &Slot, index: usize, cell: &str) -> Result<(), String> {
        let column = &self.mapping.columns[index];
        match slot {
            Slot::Field(kind, key) => return self.read_field(row, (*kind, key), index, cell),
            Slot::Custom(kind, name) => {
                let own = self.settings.own_field_named(*kind, name);
                let (key, value) = match own {
                    Some(own) => (own.value_key().to_owned(), self.value((*kind, own.value_key()), index, cell)?),
                    None => (format!("custom/{name}"), plain_text(&within_note(cell)).into()),
                };
                row.draft(*kind).fields.insert(key, value);
            }
            Slot::Append(kind) => row.draft(*kind).lines.push(line(column, cell)),
            Slot::Tags(kind) => return row.add_tags(*kind, cell),
            Slot::Owner(kind) => self.read_owner(row, *kind, cell),
            Slot::ExternalId(kind) => row.draft(*kind).external_id = Some(short_id(cell)?),
            Slot::AccountRef(kind) => row.draft(*kind).account_ref = split_values(cell).into_iter().next(),
            Slot::ContactRefs(kind) => {
                row.draft(*kind).contact_refs = split_values(cell).into_iter().take(MEMBERS_MAX).collect()
            }
            Slot::LeadRef => row.activity.lead_ref = split_values(cell).into_iter().next(),
            Slot::Stage if row.standing.stage.is_none() => {
                row.standing.stage = Some(self.stage_id(cell).ok_or("there is no such stage")?);
            }
            Slot::Status => {
                row.standing.status = Some(words::outcome_word(&fold(cell)).ok_or("is not open, won or lost")?);
            }
            Slot::CloseDate => row.standing.close_date = Some(self.date(index, cell)?),
            Slot::WonOn => row.standing.won_on = Some(self.date(index, cell)?),
            Slot::LostOn => row.standing.lost_on = Some(self.date(index, cell)?),
            Slot::Note => {
                row.note.fields.insert("body".into(), plain_text(&within_note(cell)).into());
            }
            Slot::NoteAt => {
                row.note.fields.insert("occurred_at".into(), self.value((Kind::Activity, "occurred_at"), index, cell)?);
            }
            Slot::ActivityType => {
                row.activity.fields.insert("type".into(), words::activity_type(&fold(cell)).into());
            }
            _ => {}
        }
        Ok(())
    }

    fn read_field(
        &self,
        row: &mut DraftRow,
        (kind, key): (Kind, &'static str),
        index: usize,
        cell: &str,
    ) -> Result<(), String> {
        let of = kind.field(key).map(|field| field.of);
        if of == Some(FieldType::Note) {
            let text = plain_text(cell);
            let draft = row.draft(kind);
            let joined = match draft.fields.get(key).and_then(Value::as_text) {
                Some(before) => format!("{before}\n{text}"),
                None => text,
            };
            draft.fields.insert(key.to_owned(), within_note(&joined).into_owned().into());
            return Ok(());
        }
        // Of several columns for one field the first that is filled counts.
        if row.draft(kind).fields.contains_key(key) {
            return Ok(());
        }
        let (first, rest) = if of == Some(FieldType::Line) { split_first(cell) } else { (cell, None) };
        let value = self.value((kind, key), index, first)?;
        let draft = row.draft(kind);
        draft.fields.insert(key.to_owned(), value);
        if let Some(rest) = rest {
            draft.lines.push(line(&self.mapping.columns[index], rest));
        }
        Ok(())
    }

    fn value(&self, (kind, key): (Kind, &str), index: usize, cell: &str) -> Result<Value, String> {
        let parsed = parse_field(kind, key, cell, &self.contexts[index]);
        let other = || other_spelling(kind, key, cell, &self.contexts[index]);
        match parsed {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err("is empty".to_owned()),
            Err(problem) => other().ok_or(problem.problem),
        }
    }

    fn date(&self, index: usize, cell: &str) -> Result<Date, String> {
        self.value((Kind::Lead, "expected_close_date"), index, cell)?
            .as_date()
            .ok_or_else(|| "is not a date".to_owned())
    }

    fn read_owner(&self, row: &mut DraftRow, kind: Kind, cell: &str) {
        let (name, email) =
            cell.split_once('(').map_or((cell, cell), |(name, email)| (name, email.trim_end_matches(')')));
        let address = parse_email(email).map_or_else(|_| email.to_owned(), |email| email.value.address);
        let found = self.owners.get(&fold(address.trim())).or_else(|| self.owners.get(&name_key(name)));
        match found {
            Some(owner) => {
                row.draft(kind).fields.insert("owner_id".into(), owner.clone());
            }
            None => row.unknown_owners.push(cell.to_owned()),
        }
    }

    /// The stage that a file's words mean: as the options say, by name, as other programs call it.
    fn stage_id(&self, cell: &str) -> Option<String> {
        let bare = cell.split_once(" (").map_or(cell, |(name, _)| name).trim();
        let chosen = |text: &str| {
            self.options.stages.iter().find(|(name, _)| fold(name) == fold(text)).map(|(_, id)| id.as_str())
        };
        let stages = &self.settings.stages;
        let named = |text: &str| {
            let folded = fold(text);
            stages.iter().find(|stage| stage.id == text || fold(&stage.name) == folded || fold(&stage.id) == folded)
        };
        let id = [cell, bare].into_iter().find_map(|text| {
            let by_name = || named(text).map(|stage| stage.id.as_str());
            let by_outcome = || {
                words::outcome_word(&fold(text))
                    .and_then(|kind| self.settings.first_stage(kind))
                    .map(|stage| stage.id.as_str())
            };
            chosen(text).or_else(by_name).or_else(|| words::default_stage_for(&fold(text))).or_else(by_outcome)
        })?;
        self.settings.stage(id).map(|stage| stage.id.clone())
    }

    fn finish(&self, row: &mut DraftRow, loose: &Loose<'_>) {
        if let Some((column, name)) = loose.full_name {
            row.add_full_name(column, name);
        }
        if !loose.middle_name.is_empty() {
            let first = row.contact.fields.get("first_name").and_then(Value::as_text).unwrap_or("");
            let joined = format!("{first} {}", loose.middle_name).trim().to_owned();
            if joined.chars().count() <= LINE_MAX_CHARS {
                row.contact.fields.insert("first_name".into(), joined.into());
            }
        }
        for phone in &mut row.phones {
            phone.value = with_calling_code(&phone.value, loose.calling_code);
        }
        for draft in [&mut row.account, &mut row.contact, &mut row.lead, &mut row.activity, &mut row.note] {
            if let Some(Value::Time(at)) = draft.fields.get_mut("created_at") {
                *at = (*at).min(self.now);
            }
        }
    }
}

impl DraftRow {
    /// The draft of a kind.
    pub(crate) fn draft(&mut self, kind: Kind) -> &mut Draft {
        match kind {
            Kind::Account => &mut self.account,
            Kind::Lead => &mut self.lead,
            Kind::Activity => &mut self.activity,
            _ => &mut self.contact,
        }
    }

    /// Keeps a cell that does not fit its field in the notes, and says so.
    fn keep(&mut self, column: &Column, cell: &str, reason: &str) {
        self.warnings.push(format!("{}: {reason}; kept in the notes", column.name));
        let kind = column.slot.kind().unwrap_or(Kind::Contact);
        self.draft(kind).lines.push(line(column, cell));
    }

    fn add_emails(&mut self, cell: &str, label: &str) -> Result<(), String> {
        // `Lee, Ann <ann@acme.com>` has a comma of its own.
        let parts = if cell.matches('@').count() <= 1 && !cell.starts_with('[') {
            vec![cell.to_owned()]
        } else {
            split_values(cell)
        };
        let mut wrong = None;
        for part in parts.into_iter().take(MEMBERS_MAX) {
            match parse_email(part.trim_matches([';', ','])) {
                Ok(email) if "emails/".len() + email.value.address.len() <= KEY_MAX_BYTES => {
                    self.add_email(email.value.address, label, email.value.name.as_deref());
                }
                Ok(_) => wrong = Some("the address is too long".to_owned()),
                Err(error) => wrong = Some(error.to_string()),
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    fn add_email(&mut self, address: String, label: &str, name: Option<&str>) {
        if self.emails.len() < MEMBERS_MAX && !self.emails.iter().any(|known| known.value == address) {
            self.emails.push(Labelled { value: address, label: tidy_label(label) });
        }
        let named = ["first_name", "last_name"].iter().any(|key| self.contact.fields.contains_key(*key));
        if let Some(name) = name.filter(|name| !named && name.chars().count() <= LINE_MAX_CHARS) {
            self.add_name(name);
        }
    }

    fn add_phones(&mut self, cell: &str, label: &str, ctx: &InputContext<'_>) -> Result<(), String> {
        let mut wrong = None;
        for part in split_phones(cell).into_iter().take(MEMBERS_MAX) {
            match phone_text(&part, ctx) {
                Ok(value) if "phones/".len() + value.len() <= KEY_MAX_BYTES => {
                    if self.phones.len() < MEMBERS_MAX && !self.phones.iter().any(|known| known.value == value) {
                        self.phones.push(Labelled { value, label: tidy_label(label) });
                    }
                }
                Ok(_) => wrong = Some("the number is too long".to_owned()),
                Err(error) => wrong = Some(error.to_string()),
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    fn add_tags(&mut self, kind: Kind, cell: &str) -> Result<(), String> {
        let mut wrong = None;
        for tag in split_values(cell).into_iter().take(MEMBERS_MAX) {
            // Google's own groups are no tags.
            if tag.starts_with("* ") {
                continue;
            }
            let key = format!("tags/{}", tag.split_whitespace().collect::<Vec<_>>().join(" "));
            if key.len() > KEY_MAX_BYTES {
                wrong = Some("a tag is too long".to_owned());
                continue;
            }
            self.draft(kind).fields.insert(key, true.into());
        }
        wrong.map_or(Ok(()), Err)
    }

    /// A whole name fills what first and last name leave open; HubSpot puts the address in brackets behind it.
    fn add_full_name(&mut self, column: &Column, cell: &str) {
        let first_of_several = cell.split(';').next().unwrap_or(cell).trim();
        let (name, address) = match first_of_several.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
            Some((name, address)) if address.contains('@') => (name.trim(), address),
            _ => (first_of_several, ""),
        };
        if let Ok(email) = parse_email(if address.is_empty() { name } else { address }) {
            let display = email.value.name.clone().or_else(|| (!address.is_empty()).then(|| name.to_owned()));
            self.add_email(email.value.address, "", display.as_deref());
            return;
        }
        if name.chars().count() > LINE_MAX_CHARS {
            self.keep(column, cell, "too long");
            return;
        }
        self.add_name(name);
    }

    fn add_name(&mut self, name: &str) {
        let text = |row: &Self, key: &str| row.contact.fields.get(key).and_then(Value::as_text).map(str::to_owned);
        let (first, last) = match (text(self, "first_name"), text(self, "last_name")) {
            (Some(_), Some(_)) => return,
            // `Name` beside `First name` may be the last name, or the whole.
            (Some(first), None) => {
                let rest = name.strip_prefix(&first).unwrap_or(name).trim();
                (first.clone(), rest.to_owned())
            }
            (None, Some(last)) => (name.strip_suffix(&last).unwrap_or(name).trim().to_owned(), last),
            (None, None) => split_name(name),
        };
        for (key, part) in [("first_name", first), ("last_name", last)] {
            if !part.is_empty() {
                self.contact.fields.insert(key.into(), part.into());
            }
        }
    }
}

impl Draft {
    /// Whether the row says nothing about the record.
    pub(crate) fn is_empty(&self) -> bool {
        let only_derived = self.fields.keys().all(|key| matches!(key.as_str(), "owner_id" | "created_at"));
        only_derived && self.lines.is_empty() && self.external_id.is_none()
    }

    /// A field's words.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.fields.get(key).and_then(Value::as_text).unwrap_or("")
    }
}

/// A phone number as it is kept. What it is compared by is found later and only once: that is slow.
fn phone_text(part: &str, ctx: &InputContext<'_>) -> Result<String, PhoneError> {
    let plain = part.trim().trim_start_matches("tel:").trim();
    let digit_count = plain.bytes().filter(u8::is_ascii_digit).count();
    if digit_count >= 3 { Ok(plain.to_owned()) } else { parse_phone(part, ctx).map(|phone| phone.value.text) }
}

fn line(column: &Column, cell: &str) -> String {
    format!("{}: {}", column.name, within_note(&plain_text(cell)))
}

fn tidy_label(label: &str) -> String {
    label.trim_start_matches("* ").chars().take(LINE_MAX_CHARS).collect()
}

fn short_id(cell: &str) -> Result<String, String> {
    // Room for the program's name in front.
    if cell.chars().count() + 40 > LINE_MAX_CHARS { Err("the id is too long".to_owned()) } else { Ok(cell.to_owned()) }
}

/// Text cut to what a note holds.
pub(crate) fn within_note(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= NOTE_MAX_BYTES {
        return text.into();
    }
    let mut end = NOTE_MAX_BYTES - '…'.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end]).into()
}
