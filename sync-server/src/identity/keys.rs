//! The relay's secrets for tokens: Ed25519 signing keys and the key behind refresh tokens, in one file that only the
//! relay's user may read.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use model::Timestamp;
use model::time::DAY_MILLIS;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::env::{Surroundings, random_bytes};

/// A signing key is replaced after this time, at the next start.
pub const SIGNING_KEY_LIFE_MILLIS: i64 = 90 * DAY_MILLIS;
/// A replaced key verifies for this long: longer than an access token lives.
pub const RETIRED_KEY_LIFE_MILLIS: i64 = 15 * 60 * 1_000;

/// The fixed start of an Ed25519 private key in PKCS #8 (RFC 8410).
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenKeysError {
    /// The file can't be read or written.
    #[error("the key file {} cannot be used", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: std::io::Error,
    },
    /// Others may read the file.
    #[error("the key file {} can be read by others; run `chmod 600` on it", .0.display())]
    Exposed(PathBuf),
    /// The file holds something else.
    #[error("the key file {} is damaged; move it away to sign everybody out and get a new one", .0.display())]
    Damaged(PathBuf),
}

/// The file's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// Newest first.
    signing: Vec<StoredKey>,
    refresh: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    kid: String,
    seed: String,
    created_at: Timestamp,
}

/// One signing key, ready for use.
pub struct SigningKey {
    /// Its name in tokens.
    pub kid: String,
    /// Signs.
    pub encoding: EncodingKey,
    /// Verifies.
    pub decoding: DecodingKey,
    created_at: Timestamp,
}

/// The relay's keys.
pub struct KeyRing {
    /// Newest first, never empty.
    signing: Vec<SigningKey>,
    refresh: [u8; 32],
}

impl KeyRing {
    /// Opens the key file, or makes it; replaces a signing key that has become old.
    ///
    /// # Errors
    /// When the file can't be used, is damaged, or others may read it.
    pub fn open(path: &Path, env: &dyn Surroundings) -> Result<Self, OpenKeysError> {
        let now = env.now();
        let mut file = match read(path)? {
            Some(file) => file,
            None => KeyFile { signing: Vec::new(), refresh: text(random_bytes(env)) },
        };
        let due = file.signing.first().is_none_or(|key| now.millis_since(key.created_at) > SIGNING_KEY_LIFE_MILLIS);
        if due {
            let kid = URL_SAFE_NO_PAD.encode(random_bytes::<9>(env));
            file.signing.insert(0, StoredKey { kid, seed: text(random_bytes(env)), created_at: now });
            file.signing.truncate(2);
        }
        let ring = Self::from_file(&file).ok_or_else(|| OpenKeysError::Damaged(path.to_owned()))?;
        if due {
            write(path, &file)?;
        }
        Ok(ring)
    }

    fn from_file(file: &KeyFile) -> Option<Self> {
        let signing = file.signing.iter().map(SigningKey::from_stored).collect::<Option<Vec<_>>>()?;
        Some(Self { signing, refresh: bytes(&file.refresh)? })
    }

    /// The key that signs new tokens.
    pub fn signer(&self) -> &SigningKey {
        self.signing.first().expect("a key ring is opened with a signing key")
    }

    /// The key of this name, while it verifies.
    pub fn verifier(&self, kid: &str, now: Timestamp) -> Option<&SigningKey> {
        let newest = self.signer();
        let retired_lives = now.millis_since(newest.created_at) <= RETIRED_KEY_LIFE_MILLIS;
        self.signing.iter().find(|key| key.kid == kid && (key.kid == newest.kid || retired_lives))
    }

    /// The key that the secrets of webhooks are derived from: another one than that of refresh tokens, though it comes
    /// from the same bytes.
    pub fn webhook_key(&self) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.refresh).expect("HMAC takes keys of any length");
        mac.update(b"trailtrack webhooks 1");
        mac.finalize().into_bytes().into()
    }

    /// The secret from which the successors of refresh tokens are derived.
    pub const fn refresh_secret(&self) -> &[u8; 32] {
        &self.refresh
    }
}

impl SigningKey {
    fn from_stored(stored: &StoredKey) -> Option<Self> {
        let seed = bytes(&stored.seed)?;
        let encoding = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), &seed].concat());
        let public = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).ok()?;
        let AlgorithmParameters::OctetKeyPair(point) = public.algorithm else { return None };
        let decoding = DecodingKey::from_ed_components(&point.x).ok()?;
        Some(Self { kid: stored.kid.clone(), encoding, decoding, created_at: stored.created_at })
    }
}

fn text(bytes: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn read(path: &Path) -> Result<Option<KeyFile>, OpenKeysError> {
    let io = |source| OpenKeysError::Io { path: path.to_owned(), source };
    let content = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(io)?,
    };
    if is_exposed(&fs::metadata(path).map_err(io)?) {
        return Err(OpenKeysError::Exposed(path.to_owned()));
    }
    serde_json::from_slice(&content).map(Some).map_err(|_| OpenKeysError::Damaged(path.to_owned()))
}

/// Writes beside the file and renames, so that a crash leaves the old file or the new one.
fn write(path: &Path, file: &KeyFile) -> Result<(), OpenKeysError> {
    let io = |source| OpenKeysError::Io { path: path.to_owned(), source };
    let content = serde_json::to_vec_pretty(file).expect("keys are plain text");
    let beside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    private(&mut options);
    let mut out = options.open(&beside).map_err(io)?;
    out.write_all(&content).and_then(|()| out.sync_all()).map_err(io)?;
    fs::rename(&beside, path).map_err(io)?;
    sync_folder(path).map_err(io)
}

#[cfg(unix)]
fn private(options: &mut fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut fs::OpenOptions) {}

#[cfg(unix)]
fn is_exposed(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
const fn is_exposed(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::StubSurroundings;

    fn open(path: &Path, env: &StubSurroundings) -> Result<KeyRing, OpenKeysError> {
        KeyRing::open(path, env)
    }

    #[test]
    fn keys_survive_a_restart() {
        let (dir, env) = (tempfile::tempdir().unwrap(), StubSurroundings::new());
        let path = dir.path().join("keys.json");

        let first = open(&path, &env).unwrap();
        let second = open(&path, &env).unwrap();

        assert_eq!(first.signer().kid, second.signer().kid);
        assert_eq!(first.refresh_secret(), second.refresh_secret());
    }

    #[test]
    fn an_old_key_is_replaced_and_still_verifies_for_a_while() {
        let (dir, env) = (tempfile::tempdir().unwrap(), StubSurroundings::new());
        let path = dir.path().join("keys.json");
        let old = open(&path, &env).unwrap().signer().kid.clone();

        env.advance(SIGNING_KEY_LIFE_MILLIS + 1);
        let ring = open(&path, &env).unwrap();

        assert_ne!(ring.signer().kid, old);
        assert!(ring.verifier(&old, env.now()).is_some());
        assert!(ring.verifier(&old, env.now().plus_millis(RETIRED_KEY_LIFE_MILLIS + 1)).is_none());
        assert!(ring.verifier("another", env.now()).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (dir, env) = (tempfile::tempdir().unwrap(), StubSurroundings::new());
        let path = dir.path().join("keys.json");
        open(&path, &env).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

        assert!(matches!(open(&path, &env), Err(OpenKeysError::Exposed(_))));
    }

    #[test]
    fn a_damaged_key_file_is_named_and_kept() {
        let (dir, env) = (tempfile::tempdir().unwrap(), StubSurroundings::new());
        let path = dir.path().join("keys.json");
        open(&path, &env).unwrap();

        for damage in ["", "{}", "{\"signing\":[],\"refresh\":\"AAAA\"}"] {
            let mut file = fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
            file.write_all(damage.as_bytes()).unwrap();
            assert!(matches!(open(&path, &env), Err(OpenKeysError::Damaged(_))), "{damage}");
        }
    }
}
