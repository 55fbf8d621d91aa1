//! What a person chose on this device and what goes nowhere else: theme, widths of columns.

use std::collections::BTreeMap;

use model::app::{PREFERENCE_KEY_MAX, PREFERENCE_MAX, Trouble, Update};
use model::query::{Answer, Query};
use store::Tx;

use crate::replica::{Replica, ReplicaError};

const PREFIX: &str = "prefer/";

impl Replica {
    pub(crate) fn preferences(&self) -> Result<BTreeMap<String, String>, ReplicaError> {
        let kept = self.store.metas(PREFIX)?.into_iter();
        Ok(kept.filter_map(|(key, value)| Some((key, String::from_utf8(value).ok()?))).collect())
    }

    pub(crate) fn preference(&self, key: &str) -> Result<Option<String>, ReplicaError> {
        let kept = self.store.meta(&format!("{PREFIX}{key}"))?;
        Ok(kept.and_then(|value| String::from_utf8(value).ok()))
    }

    /// Keeps a choice and tells every window that looks.
    pub(crate) fn prefer(&mut self, key: &str, value: &str) -> Result<(), ReplicaError> {
        if key.is_empty() || key.len() > PREFERENCE_KEY_MAX || value.len() > PREFERENCE_MAX {
            return Err(Trouble::NotAllowed("this is too long to be kept".into()).into());
        }
        let key = format!("{PREFIX}{key}");
        let keep = |tx: &mut Tx<'_>| match value {
            "" => tx.remove_meta(&key),
            value => tx.set_meta(&key, value.as_bytes()),
        };
        self.store.write(|tx| keep(tx).map_err(ReplicaError::from))?;
        let answer = Answer::Preferences(self.preferences()?);
        let mut watching = Vec::new();
        for ((client, id), watch) in &mut self.watches {
            if watch.query == Query::Preferences && watch.told.as_ref() != Some(&answer) {
                watch.told = Some(answer.clone());
                watching.push((*client, *id));
            }
        }
        for (client, id) in watching {
            self.tell(client, Update::Answer(id, answer.clone()));
        }
        Ok(())
    }
}
