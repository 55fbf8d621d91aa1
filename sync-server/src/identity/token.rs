//! The tokens of a session: a short-lived access token (JWT, EdDSA, RFC 9068) and opaque rotating refresh tokens.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, Header};
use model::{Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::env::{Surroundings, random_bytes};
use super::keys::{KeyRing, SigningKey};
use super::password::Secret;

/// How long an access token is valid.
pub const ACCESS_LIFE_SECS: i64 = 10 * 60;
/// How far clocks may differ.
pub const LEEWAY_SECS: i64 = 30;
/// Longest access token that is looked at.
const ACCESS_MAX_BYTES: usize = 2_048;
/// The `typ` of an access token.
const ACCESS_TYPE: &str = "at+jwt";
/// Whom access tokens are for.
const AUDIENCE: &str = "trailtrack";
/// What a refresh token starts with, so that scanners for leaked secrets know one.
const REFRESH_PREFIX: &str = "ttr_";
/// What a setup token starts with.
const SETUP_PREFIX: &str = "tts_";
/// What the token of a one-time link starts with.
const LINK_PREFIX: &str = "ttl_";

/// Names one session: a device that somebody signed in on, until sign-out. Also the family of its refresh tokens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({})", self.0)
    }
}

/// What an access token says. There is no role in it: the role is read when it matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// An access token that is not valid. The reason stays inside: whoever sent it learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Not three parts, or too long.
    #[error("not an access token")]
    Shape,
    /// A header this relay doesn't write, an unknown key included.
    #[error("foreign header")]
    Header,
    /// Not signed by the key it names.
    #[error("wrong signature")]
    Signature,
    /// Claims that are missing, doubled, unknown or of the wrong type.
    #[error("malformed claims")]
    Claims,
    /// For somebody else or from somebody else.
    #[error("wrong issuer or audience")]
    Party,
    /// Not valid any more, or not yet.
    #[error("expired or not yet valid")]
    Time,
}

/// Issues and checks access tokens for one workspace.
pub struct AccessTokens {
    issuer: String,
    keys: KeyRing,
}

impl AccessTokens {
    /// Issues tokens of this workspace with these keys.
    pub fn new(workspace: WorkspaceId, keys: KeyRing) -> Self {
        Self { issuer: format!("trailtrack-relay:{workspace}"), keys }
    }

    /// The relay's keys.
    pub const fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Issues a token.
    ///
    /// # Errors
    /// When signing fails, which a key that could be loaded gives no reason for.
    pub fn issue(
        &self,
        user: UserId,
        session: SessionId,
        env: &dyn Surroundings,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let now = secs(env.now());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            jti: uuid::Builder::from_random_bytes(random_bytes(env)).into_uuid(),
            iat: now,
            nbf: now,
            exp: now + ACCESS_LIFE_SECS,
        };
        let key = self.keys.signer();
        jsonwebtoken::encode(&header(key), &claims, &key.encoding)
    }

    /// Checks a token and returns whose it is. Whether the session still lives is for the caller to see.
    ///
    /// # Errors
    /// When anything about it is not as this relay writes it.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<(UserId, SessionId), AccessTokenError> {
        let mut parts = token.split('.');
        let (Some(header), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(AccessTokenError::Shape);
        };
        if token.len() > ACCESS_MAX_BYTES {
            return Err(AccessTokenError::Shape);
        }
        let key = self.key_of(header, now).ok_or(AccessTokenError::Header)?;
        let message = &token[..header.len() + 1 + body.len()];
        let genuine = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.decoding, Algorithm::EdDSA);
        if !matches!(genuine, Ok(true)) {
            return Err(AccessTokenError::Signature);
        }
        let claims = URL_SAFE_NO_PAD.decode(body).map_err(|_| AccessTokenError::Claims)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| AccessTokenError::Claims)?;
        self.check_claims(&claims, secs(now))?;
        Ok((claims.sub, claims.sid))
    }

    /// Finds the key by the whole header: this relay writes one header for each key and accepts no other, so there
    /// is nothing to interpret in `alg`, `jku`, `jwk`, `crit` and their like.
    fn key_of(&self, header_text: &str, now: Timestamp) -> Option<&SigningKey> {
        let bytes = URL_SAFE_NO_PAD.decode(header_text).ok()?;
        let claimed: Header = serde_json::from_slice(&bytes).ok()?;
        let key = self.keys.verifier(claimed.kid.as_deref()?, now)?;
        let expected = serde_json::to_vec(&header(key)).ok()?;
        (bytes == expected).then_some(key)
    }

    fn check_claims(&self, claims: &Claims, now: i64) -> Result<(), AccessTokenError> {
        if claims.iss != self.issuer || claims.aud != AUDIENCE {
            return Err(AccessTokenError::Party);
        }
        let in_time = claims.nbf <= now.saturating_add(LEEWAY_SECS) && now < claims.exp.saturating_add(LEEWAY_SECS);
        in_time.then_some(()).ok_or(AccessTokenError::Time)
    }
}

fn header(key: &SigningKey) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(ACCESS_TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    header
}

const fn secs(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1_000)
}

/// SHA-256 of an opaque token: all that is stored of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// Hashes an opaque token.
pub fn hash_token(token: &Secret) -> TokenHash {
    TokenHash(Sha256::digest(token.reveal().as_bytes()).into())
}

/// Draws a new refresh token of 256 random bits.
pub fn new_refresh_token(env: &dyn Surroundings) -> Secret {
    opaque(REFRESH_PREFIX, random_bytes(env))
}

/// Draws a new setup token of 256 random bits.
pub fn new_setup_token(env: &dyn Surroundings) -> Secret {
    opaque(SETUP_PREFIX, random_bytes(env))
}

/// Draws a new token for a one-time link, of 256 random bits.
pub fn new_link_token(env: &dyn Surroundings) -> Secret {
    opaque(LINK_PREFIX, random_bytes(env))
}

/// Derives the successor of a refresh token, the same one each time it is asked for: only hashes are stored, and a
/// client that lost the answer must get it again. Needs the key file, the token and the stored salt together.
pub fn successor_of(token: &Secret, salt: &[u8; 32], keys: &KeyRing) -> Secret {
    let mut mac = Hmac::<Sha256>::new_from_slice(keys.refresh_secret()).expect("HMAC takes keys of any length");
    mac.update(salt);
    mac.update(token.reveal().as_bytes());
    opaque(REFRESH_PREFIX, mac.finalize().into_bytes().into())
}

fn opaque(prefix: &str, bits: [u8; 32]) -> Secret {
    Secret::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::StubSurroundings;
    use serde_json::json;

    struct Fixture {
        env: StubSurroundings,
        tokens: AccessTokens,
        user: UserId,
        session: SessionId,
    }

    fn ring(env: &StubSurroundings) -> KeyRing {
        KeyRing::open(&tempfile::tempdir().unwrap().path().join("keys.json"), env).unwrap()
    }

    fn fixture() -> Fixture {
        let env = StubSurroundings::new();
        let tokens = AccessTokens::new(WorkspaceId::from_bytes([7; 16]), ring(&env));
        Fixture { env, tokens, user: UserId::from_bytes([1; 16]), session: SessionId(Uuid::from_bytes([2; 16])) }
    }

    impl Fixture {
        fn issue(&self) -> String {
            self.tokens.issue(self.user, self.session, &self.env).unwrap()
        }

        fn check(&self, token: &str) -> Result<(UserId, SessionId), AccessTokenError> {
            self.tokens.check(token, self.env.now())
        }

        /// Signs any header and claims with the relay's own key.
        fn forge(&self, header: &str, claims: &str) -> String {
            let message = format!("{}.{}", b64(header.as_bytes()), b64(claims.as_bytes()));
            let key = &self.tokens.keys.signer().encoding;
            let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).unwrap();
            format!("{message}.{signature}")
        }

        fn good_header(&self) -> String {
            serde_json::to_string(&header(self.tokens.keys.signer())).unwrap()
        }

        fn good_claims(&self) -> serde_json::Value {
            let now = secs(self.env.now());
            json!({"iss": self.tokens.issuer, "aud": AUDIENCE, "sub": self.user, "sid": self.session,
                   "jti": Uuid::nil(), "iat": now, "nbf": now, "exp": now + 600})
        }
    }

    fn b64(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    #[test]
    fn a_token_names_its_user_and_session_until_it_expires() {
        let f = fixture();
        let token = f.issue();

        assert_eq!(f.check(&token), Ok((f.user, f.session)));
        f.env.advance((ACCESS_LIFE_SECS + LEEWAY_SECS - 1) * 1_000);
        assert_eq!(f.check(&token), Ok((f.user, f.session)));
        f.env.advance(1_000);
        assert_eq!(f.check(&token), Err(AccessTokenError::Time));
    }

    #[test]
    fn a_token_carries_no_role() {
        let token = fixture().issue();
        let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();

        assert!(!String::from_utf8(body).unwrap().contains("role"));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let f = fixture();
        let token = f.issue();
        let truncated = &token[..token.len() - 1];
        let padded = format!("{token}=");
        let doubled = format!("{token}.{token}");
        let long = "a".repeat(1 << 20) + "..";

        for bad in ["", ".", "..", "a.b.c", "ttr_abc", truncated, &padded, &doubled, &long] {
            assert!(f.check(bad).is_err(), "{}", &bad[..bad.len().min(40)]);
        }
    }

    #[test]
    fn a_header_that_the_relay_does_not_write_is_refused() {
        let f = fixture();
        let claims = f.good_claims().to_string();
        assert!(f.check(&f.forge(&f.good_header(), &claims)).is_ok());

        let good = f.good_header();
        let kid = &f.tokens.keys.signer().kid;
        let with = |more: &str| good.replacen('}', &format!(",{more}}}"), 1);
        for header in [
            good.replace("EdDSA", "none"),
            good.replace("EdDSA", "HS256"),
            good.replace("at+jwt", "JWT"),
            good.replace(kid.as_str(), "another"),
            with("\"jku\":\"https://evil.example/keys\""),
            with("\"x5u\":\"https://evil.example/keys\""),
            with("\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}"),
            with("\"crit\":[\"exp\"]"),
            with("\"b64\":false"),
            format!(" {good}"),
        ] {
            assert_eq!(f.check(&f.forge(&header, &claims)), Err(AccessTokenError::Header), "{header}");
        }
    }

    #[test]
    fn claims_that_are_missing_wrong_doubled_or_unknown_are_refused() {
        let f = fixture();
        let with = |name: &str, value: serde_json::Value| {
            let mut claims = f.good_claims();
            claims[name] = value;
            f.check(&f.forge(&f.good_header(), &claims.to_string()))
        };
        for name in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"] {
            let mut claims = f.good_claims();
            claims.as_object_mut().unwrap().remove(name);
            let forged = f.forge(&f.good_header(), &claims.to_string());
            assert_eq!(f.check(&forged), Err(AccessTokenError::Claims), "{name}");
        }
        let doubled = f.good_claims().to_string().replacen('{', "{\"exp\":9999999999,", 1);

        assert_eq!(with("iss", json!("another")), Err(AccessTokenError::Party));
        assert_eq!(with("aud", json!("another")), Err(AccessTokenError::Party));
        assert_eq!(with("aud", json!([AUDIENCE, "another"])), Err(AccessTokenError::Claims));
        assert_eq!(with("role", json!("admin")), Err(AccessTokenError::Claims));
        assert_eq!(with("nbf", json!(secs(f.env.now()) + 60)), Err(AccessTokenError::Time));
        assert_eq!(with("exp", json!(secs(f.env.now()) - 60)), Err(AccessTokenError::Time));
        assert_eq!(f.check(&f.forge(&f.good_header(), &doubled)), Err(AccessTokenError::Claims));
    }

    #[test]
    fn another_relays_token_is_refused() {
        let (here, there) = (fixture(), fixture());
        there.env.advance(1);
        there.env.fill(&mut [0; 64]);
        let other = AccessTokens::new(WorkspaceId::from_bytes([7; 16]), ring(&there.env));

        let token = other.issue(here.user, here.session, &here.env).unwrap();

        assert_eq!(here.check(&token), Err(AccessTokenError::Header));
    }

    #[test]
    fn a_token_changed_in_any_place_is_refused() {
        let f = fixture();
        let token = f.issue();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(f.check(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn the_successor_of_a_refresh_token_is_always_the_same_one() {
        let env = StubSurroundings::new();
        let (keys, token) = (ring(&env), new_refresh_token(&env));

        assert_eq!(successor_of(&token, &[1; 32], &keys), successor_of(&token, &[1; 32], &keys));
        assert_ne!(successor_of(&token, &[1; 32], &keys), successor_of(&token, &[2; 32], &keys));
        assert_ne!(successor_of(&token, &[1; 32], &keys), token);
        assert_eq!(token.reveal().len(), 4 + 43);
    }
}
