//! Sending files to the relay and getting them from there: what is asked for next, and what an answer leads to.

use std::collections::VecDeque;

use model::app::{Trouble, Update};
use model::{IdSource, RecordId, Timestamp};
use serde::Deserialize;

use super::{FileOutcome, FileWork, Job, LocalFile, Parts, Step, Upload, Waiter, fetched_done, reference, size_of};
use crate::account::HTTP_UPLOAD;
use crate::message::{Method, Output};
use crate::replica::{Replica, ReplicaError};

/// Wait after the first failure; twice as long after each further one.
const RETRY_FIRST_MILLIS: i64 = 1_000;
/// Longest wait.
const RETRY_MAX_MILLIS: i64 = 60_000;

/// What the relay answers to beginning an upload.
#[derive(Deserialize)]
struct Begun {
    upload_id: String,
    part_bytes: u64,
    part_count: u64,
    missing: VecDeque<u64>,
}

#[derive(Deserialize)]
struct Refusal {
    detail: String,
}

impl Replica {
    /// Does the next thing that is to be done about files, if it is time.
    pub(crate) fn files_step(&mut self, env: &mut dyn IdSource) -> Result<(), ReplicaError> {
        self.let_go_of_trashed()?;
        let now = env.now();
        if !self.files.has_work() || !self.is_connected() || self.files.retry_at.is_some_and(|at| at > now) {
            return Ok(());
        }
        self.files.retry_at = None;
        let uploads = self.files.upload.is_none() && self.files.next_upload().is_some();
        let fetches = self.files.fetching.is_none() && !self.files.wanted.is_empty();
        if (!uploads && !fetches) || self.files.renewing {
            return Ok(());
        }
        let Some(bearer) = self.bearer(now) else {
            self.files.renewing = true;
            return self.renew_token();
        };
        if fetches {
            self.fetch_next(&bearer)?;
        }
        // The relay takes files of records that it has.
        if uploads && self.store.outbox_len()? == 0 {
            self.begin_upload(&bearer)?;
        }
        Ok(())
    }

    fn bearer(&self, now: Timestamp) -> Option<String> {
        let account = self.account.as_ref().filter(|account| account.has_fresh_token(now))?;
        account.access_token.clone()
    }

    fn api(&self, path: &str) -> String {
        let server = self.account.as_ref().map_or("", |account| &account.server);
        format!("{server}/api/v1/attachments/{path}")
    }

    fn begin_upload(&mut self, bearer: &str) -> Result<(), ReplicaError> {
        let Some(attachment) = self.files.next_upload() else { return Ok(()) };
        let record = self.record(reference(attachment))?.filter(|record| !record.is_deleted());
        let (Some(_), Some(file)) = (record, self.files.known.get(&attachment).cloned()) else {
            self.files.stuck.insert(attachment, "the attachment is in the trash".into());
            return Ok(());
        };
        let body = serde_json::json!({
            "attachment_id": attachment, "checksum": file.checksum, "size_bytes": file.size_bytes,
        });
        self.files.upload = Some(Upload { attachment, step: Step::Begin });
        let (url, bearer) = (self.api("uploads"), Some(bearer.to_owned()));
        self.outputs.push(Output::Http {
            id: HTTP_UPLOAD,
            url,
            method: Method::Post,
            body: serde_json::to_vec(&body)?,
            bearer,
        });
        self.note_changed([reference(attachment)])
    }

    /// The relay has answered the beginning or the end of the upload.
    pub(crate) fn upload_answered(
        &mut self,
        env: &mut dyn IdSource,
        status: Result<u16, String>,
        body: &[u8],
    ) -> Result<(), ReplicaError> {
        let Some(Upload { attachment, step }) = self.files.upload.take() else { return Ok(()) };
        match (step, status) {
            (Step::Begin, Ok(200 | 201)) => match serde_json::from_slice::<Begun>(body) {
                Ok(begun) => self.go_on(env, attachment, Parts::from(begun)),
                Err(_) => self.give_up(attachment, "the relay's answer can't be read".into()),
            },
            (Step::Finish, Ok(200)) => self.is_uploaded(attachment),
            (Step::Begin | Step::Finish | Step::Parts(_), status) => self.upload_failed(env, attachment, status, body),
        }
    }

    /// A part has arrived, or has not.
    pub(crate) fn part_answered(
        &mut self,
        env: &mut dyn IdSource,
        outcome: Result<FileOutcome, String>,
    ) -> Result<(), ReplicaError> {
        let Some(Upload { attachment, step: Step::Parts(mut parts) }) = self.files.upload.take() else { return Ok(()) };
        match outcome {
            Ok(FileOutcome::Answered(204, _)) => {
                let sent = parts.waiting.pop_front();
                let size = self.files.known.get(&attachment).map_or(0, |file| file.size_bytes);
                self.count_file_bytes_sent(sent.map_or(0, |part| parts.length_of(part, size)));
                self.files.failures = 0;
                self.go_on(env, attachment, parts)
            }
            Ok(FileOutcome::Answered(status, body)) => self.upload_failed(env, attachment, Ok(status), &body),
            Ok(_) => self.give_up(attachment, "the file can't be sent".into()),
            Err(reason) => self.upload_failed(env, attachment, Err(reason), b""),
        }
    }

    /// Sends the next part, or ends the upload.
    fn go_on(&mut self, env: &mut dyn IdSource, attachment: RecordId, parts: Parts) -> Result<(), ReplicaError> {
        let file = self.files.known.get(&attachment).cloned();
        let (Some(bearer), Some(file)) = (self.bearer(env.now()), file) else {
            // It goes on with a fresh token where it was.
            return self.later(env);
        };
        let step = match parts.waiting.front() {
            Some(part) => {
                self.send_part(&bearer, &file, &parts, *part);
                Step::Parts(parts)
            }
            None => {
                let url = self.api(&format!("uploads/{}/finish", parts.upload));
                self.outputs.push(Output::Http {
                    id: HTTP_UPLOAD,
                    url,
                    method: Method::Post,
                    body: b"{}".to_vec(),
                    bearer: Some(bearer),
                });
                Step::Finish
            }
        };
        self.files.upload = Some(Upload { attachment, step });
        self.note_changed([reference(attachment)])
    }

    fn send_part(&mut self, bearer: &str, file: &LocalFile, parts: &Parts, part: u64) {
        let work = FileWork::SendPart {
            url: self.api(&format!("uploads/{}/parts/{part}", parts.upload)),
            bearer: bearer.to_owned(),
            checksum: file.checksum.clone(),
            offset: part.saturating_mul(parts.part_bytes),
            length: parts.length_of(part, file.size_bytes),
        };
        let job = self.files.job(Job::Part);
        self.outputs.push(Output::File { job, work });
    }

    fn is_uploaded(&mut self, attachment: RecordId) -> Result<(), ReplicaError> {
        self.files.failures = 0;
        match self.files.known.get(&attachment).cloned() {
            Some(file) => self.remember(attachment, LocalFile { to_upload: false, ..file }),
            None => Ok(()),
        }
    }

    fn upload_failed(
        &mut self,
        env: &mut dyn IdSource,
        attachment: RecordId,
        status: Result<u16, String>,
        body: &[u8],
    ) -> Result<(), ReplicaError> {
        self.note_changed([reference(attachment)])?;
        match status {
            Ok(401) => {
                if let Some(account) = &mut self.account {
                    account.access_token = None;
                }
                self.later(env)
            }
            // The record is not there yet, parts were lost, or the relay is not well: it is asked again.
            Err(_) | Ok(404 | 408 | 409 | 422 | 429 | 500..) if self.files.failures < FAILURES_MAX => self.later(env),
            Err(reason) => self.give_up(attachment, reason),
            Ok(status) => {
                let detail = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.detail);
                self.give_up(attachment, detail.unwrap_or_else(|_| format!("the relay answered {status}")))
            }
        }
    }

    fn give_up(&mut self, attachment: RecordId, reason: String) -> Result<(), ReplicaError> {
        self.files.failures = 0;
        self.files.stuck.insert(attachment, reason);
        self.note_changed([reference(attachment)])
    }

    /// Waits a while; longer each time.
    fn later(&mut self, env: &dyn IdSource) -> Result<(), ReplicaError> {
        let wait =
            RETRY_FIRST_MILLIS.checked_shl(self.files.failures.min(16)).unwrap_or(i64::MAX).min(RETRY_MAX_MILLIS);
        self.files.failures = self.files.failures.saturating_add(1);
        self.files.retry_at = Some(env.now().plus_millis(wait));
        Ok(())
    }

    /// A fresh token has come, or has not.
    pub(crate) fn token_is_renewed(&mut self, env: &mut dyn IdSource, renewed: bool) -> Result<(), ReplicaError> {
        self.files.renewing = false;
        self.send_team_requests(env.now(), renewed)?;
        if renewed { Ok(()) } else { self.later(env) }
    }

    fn fetch_next(&mut self, bearer: &str) -> Result<(), ReplicaError> {
        let Some(attachment) = self.files.wanted.keys().next().copied() else { return Ok(()) };
        let Some(record) = self.record(reference(attachment))?.filter(|record| !record.text("path").is_empty()) else {
            return self.answer_waiting(attachment, &Err(Trouble::BadFile("this file is not on the relay yet".into())));
        };
        self.files.fetching = Some(attachment);
        let work = FileWork::Fetch {
            url: self.api(&format!("{attachment}/download")),
            bearer: bearer.to_owned(),
            checksum: record.text("checksum").to_owned(),
            size_bytes: size_of(&record),
        };
        let job = self.files.job(Job::Fetch);
        self.outputs.push(Output::File { job, work });
        Ok(())
    }

    /// A file has come, or has not.
    pub(crate) fn fetched(&mut self, outcome: Result<FileOutcome, String>) -> Result<(), ReplicaError> {
        let Some(attachment) = self.files.fetching.take() else { return Ok(()) };
        let told = match outcome {
            Ok(_) => {
                if let Some(record) = self.record(reference(attachment))? {
                    let keep = self.files.known.get(&attachment).is_some_and(|file| file.keep);
                    let (checksum, size_bytes) = (record.text("checksum").to_owned(), size_of(&record));
                    self.count_file_bytes_received(size_bytes);
                    self.remember(attachment, LocalFile { checksum, size_bytes, here: true, to_upload: false, keep })?;
                }
                Ok(())
            }
            // What the relay would not give is no broken line.
            Err(reason) if self.is_connected() => Err(Trouble::BadFile(reason)),
            Err(reason) => Err(Trouble::Offline(reason)),
        };
        self.answer_waiting(attachment, &told)
    }

    fn answer_waiting(&mut self, attachment: RecordId, told: &Result<(), Trouble>) -> Result<(), ReplicaError> {
        let record = self.record(reference(attachment))?;
        for waiter in self.files.wanted.remove(&attachment).unwrap_or_default() {
            let Waiter { client, id, reads } = waiter;
            match (reads, told, &record) {
                (true, Ok(()), Some(record)) => self.begin_reading(waiter, record),
                (true, Ok(()), None) => self.tell(client, Update::FileRead(id, Err(Trouble::NotHere))),
                (true, Err(trouble), _) => self.tell(client, Update::FileRead(id, Err(trouble.clone()))),
                (false, ..) => {
                    self.tell(client, Update::Done(id, told.clone().map(|()| fetched_done(attachment))));
                }
            }
        }
        self.note_changed([reference(attachment)])
    }
}

/// Failures in a row after which a file is left alone until somebody asks to sync.
const FAILURES_MAX: u32 = 8;

impl Parts {
    /// How many bytes a part has.
    fn length_of(&self, part: u64, size_bytes: u64) -> u64 {
        size_bytes.saturating_sub(part.saturating_mul(self.part_bytes)).min(self.part_bytes)
    }
}

impl From<Begun> for Parts {
    fn from(begun: Begun) -> Self {
        Self { upload: begun.upload_id, count: begun.part_count, part_bytes: begun.part_bytes, waiting: begun.missing }
    }
}
