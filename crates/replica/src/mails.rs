//! E-mails that a person drops on a record: each becomes one activity, with its files.

use interchange::mail::{self, Mail, MailFile};
use model::app::{Done, FileSource, RequestId, Trouble, Update};
use model::query::{Answer, Condition, ListQuery, Op, Query};
use model::schema::{LINE_MAX_CHARS, NOTE_MAX_BYTES};
use model::{Action, Fields, IdSource, Kind, RecordId, RecordRef, Timestamp, Value};

use crate::attachments::Attaching;
use crate::message::ClientId;
use crate::replica::{Replica, ReplicaError};

impl Replica {
    /// Logs a saved e-mail about a record, once; its files hang on the activity.
    pub(crate) fn log_mail(
        &mut self,
        env: &mut dyn IdSource,
        client: ClientId,
        (id, about): (RequestId, RecordRef),
        bytes: &[u8],
    ) {
        match self.log_read(env, about, bytes) {
            Ok((done, activity, files)) => {
                self.tell(client, Update::Done(id, Ok(done)));
                for MailFile { name, mime_type, bytes } in files {
                    let source = FileSource::Bytes(bytes);
                    self.attach_file(client, id, Attaching { linked: activity, name, mime_type, source });
                }
            }
            Err(error) => self.tell(client, Update::Done(id, Err(error.into()))),
        }
    }

    fn log_read(
        &mut self,
        env: &mut dyn IdSource,
        about: RecordRef,
        bytes: &[u8],
    ) -> Result<(Done, RecordRef, Vec<MailFile>), ReplicaError> {
        let mut mail = mail::read(bytes).map_err(|error| Trouble::BadFile(error.to_string()))?;
        let now = env.now();
        if !mail.id.is_empty() && self.first(Kind::Activity, ("import_ref", &mail.id), now)?.is_some() {
            return Err(Trouble::BadFile("this e-mail is logged already".into()).into());
        }
        let files = std::mem::take(&mut mail.files);
        let activity = RecordRef::new(Kind::Activity, env.fresh_record_id());
        let fields = self.fields_of(&mail, about, now)?;
        let done = self.act(env, Action::Create { record: activity, fields })?;
        Ok((done, activity, files))
    }

    fn fields_of(&mut self, mail: &Mail, about: RecordRef, now: Timestamp) -> Result<Fields, ReplicaError> {
        let record = self.record(about)?.ok_or(Trouble::NotHere)?;
        let ours = self.is_ours(&mail.from)?;
        let mut fields = Fields::from([
            ("type".to_owned(), "email".into()),
            ("via".to_owned(), "eml".into()),
            ("direction".to_owned(), if ours { "out" } else { "in" }.into()),
            ("occurred_at".to_owned(), mail.at.filter(|at| *at <= now).unwrap_or(now).into()),
            ("subject".to_owned(), first_chars(subject(mail), LINE_MAX_CHARS).into()),
        ]);
        if !mail.text.is_empty() {
            fields.insert("body".into(), first_bytes(&mail.text, NOTE_MAX_BYTES).into());
        }
        if !mail.id.is_empty() && mail.id.chars().count() <= LINE_MAX_CHARS {
            fields.insert("import_ref".into(), mail.id.as_str().into());
        }
        let mut link = |key: &str, id: Option<RecordId>| {
            if let Some(id) = id {
                fields.entry(key.to_owned()).or_insert(id.into());
            }
        };
        match about.kind {
            Kind::Lead => link("lead_id", Some(about.id)),
            Kind::Account => link("account_id", Some(about.id)),
            _ => link("contact_id", Some(about.id)),
        }
        link("account_id", record.link("account_id"));
        let others = if ours { &mail.to } else { &mail.from };
        link("contact_id", self.contact_of(others, now)?);
        Ok(fields)
    }

    /// Whether somebody of the workspace wrote it.
    fn is_ours(&self, from: &[String]) -> Result<bool, ReplicaError> {
        let own = self.account.as_ref().map(|account| account.email.to_lowercase()).unwrap_or_default();
        let users = self.store.users()?;
        let known = |address: &String| {
            *address == own || users.iter().any(|user| user.text("email").eq_ignore_ascii_case(address))
        };
        Ok(from.iter().any(known))
    }

    /// The contact who has one of these addresses.
    fn contact_of(&mut self, addresses: &[String], now: Timestamp) -> Result<Option<RecordId>, ReplicaError> {
        for address in addresses {
            if let Some(contact) = self.first(Kind::Contact, ("email", address), now)? {
                return Ok(Some(contact));
            }
        }
        Ok(None)
    }

    /// The first record of a kind whose field is this.
    fn first(
        &mut self,
        kind: Kind,
        (field, value): (&str, &str),
        now: Timestamp,
    ) -> Result<Option<RecordId>, ReplicaError> {
        let condition = Condition { field: field.to_owned(), op: Op::Is, values: vec![Value::from(value)] };
        let query = Query::List(ListQuery { filter: vec![condition], limit: 1, ..ListQuery::of(kind) });
        let Answer::List(list) = self.answer(&query, now)? else { return Ok(None) };
        Ok(list.rows.first().map(|row| row.record.id))
    }
}

/// An activity has a subject or a body: a letter without either is called what it is.
fn subject(mail: &Mail) -> &str {
    if mail.subject.is_empty() { "(no subject)" } else { &mail.subject }
}

fn first_chars(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

fn first_bytes(text: &str, count: usize) -> &str {
    &text[..text.floor_char_boundary(count)]
}
