//! Secrets and signatures, after the scheme of Standard Webhooks.
//!
//! A secret is derived from the relay's key file, the webhook's id and the number of its rotation, and stands nowhere:
//! who has the database or a backup can't sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use model::Timestamp;
use model::time::DAY_MILLIS;
use sha2::Sha256;

use crate::access::Webhook;
use crate::identity::Secret;

/// What the secret of a webhook starts with.
const PREFIX: &str = "whsec_";
/// For this long the secret before the last rotation signs too.
const OLD_SECRET_LIFE_MILLIS: i64 = DAY_MILLIS;

/// What secrets are derived from.
pub(super) struct WebhookKey([u8; 32]);

impl WebhookKey {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The secret as the other side gets it.
    pub(super) fn shown(&self, webhook: &Webhook) -> Secret {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.secret(webhook, webhook.rotation))))
    }

    /// The header that proves a body: one signature, or two for a while after a rotation.
    pub(super) fn signature(&self, webhook: &Webhook, (id, now): (&str, Timestamp), body: &[u8]) -> String {
        let replaced = webhook.rotated_at.is_some_and(|at| now.millis_since(at) < OLD_SECRET_LIFE_MILLIS);
        let old = webhook.rotation.checked_sub(1).filter(|_| replaced);
        let signed = std::iter::once(webhook.rotation).chain(old).map(|rotation| {
            let mut mac = mac(&self.secret(webhook, rotation));
            mac.update(format!("{id}.{}.", seconds(now)).as_bytes());
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        signed.collect::<Vec<_>>().join(" ")
    }

    fn secret(&self, webhook: &Webhook, rotation: u32) -> [u8; 32] {
        let mut mac = mac(&self.0);
        mac.update(webhook.id.0.as_bytes());
        mac.update(&rotation.to_be_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// The timestamp that is signed, in seconds.
pub(super) fn seconds(now: Timestamp) -> i64 {
    now.as_millis().div_euclid(1_000)
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::WebhookId;
    use model::UserId;

    fn webhook(rotation: u32, rotated_at: Option<i64>) -> Webhook {
        Webhook {
            id: WebhookId(uuid::Uuid::from_bytes([3; 16])),
            url: "https://example.org".into(),
            events: vec!["*".into()],
            paused: None,
            rotation,
            rotated_at: rotated_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(0),
            created_by: UserId::from_bytes([1; 16]),
        }
    }

    #[test]
    fn secrets_differ_by_key_webhook_and_rotation() {
        let (one, two) = (WebhookKey::new([1; 32]), WebhookKey::new([2; 32]));
        let mut other = webhook(0, None);
        other.id = WebhookId(uuid::Uuid::from_bytes([4; 16]));
        let shown = [
            one.shown(&webhook(0, None)),
            one.shown(&webhook(1, None)),
            one.shown(&other),
            two.shown(&webhook(0, None)),
        ];
        let different: std::collections::BTreeSet<&str> = shown.iter().map(Secret::reveal).collect();

        assert_eq!(different.len(), 4);
        assert!(shown.iter().all(|secret| secret.reveal().len() == PREFIX.len() + 44));
    }

    #[test]
    fn a_replaced_secret_signs_beside_the_new_one_for_a_day() {
        let key = WebhookKey::new([1; 32]);
        let signed = |webhook: &Webhook, at: i64| key.signature(webhook, ("evt_1", Timestamp::from_millis(at)), b"{}");
        let (old, new) = (webhook(0, None), webhook(1, Some(0)));
        let soon = OLD_SECRET_LIFE_MILLIS - 1;

        assert_eq!(signed(&new, soon).split(' ').nth(1), Some(signed(&old, soon).as_str()));
        assert_eq!(signed(&new, OLD_SECRET_LIFE_MILLIS).split(' ').count(), 1);
    }
}
