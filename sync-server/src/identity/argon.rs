//! Argon2id (RFC 9106) with memory that is handed in, so that a row of hashes uses the same.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::env::{Surroundings, random_bytes};

pub(super) use argon2::password_hash::Error as HashError;

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl HashCost {
    /// RFC 9106's second recommended option: 64 MiB, three passes, four lanes.
    pub const PRODUCTION: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    fn params(self) -> Params {
        Params::new(self.memory_kib, self.passes, self.lanes, None)
            .expect("the costs in this program are within Argon2's bounds")
    }
}

/// What a hash is computed in.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Takes the room that a hash of this cost needs.
    pub(super) fn make_room(&mut self, cost: HashCost) {
        self.0.resize(cost.params().block_count(), Block::new());
    }
}

/// Hashes a password into a PHC string.
pub(super) fn hash(cost: HashCost, password: &str, salt: [u8; 16], memory: &mut Memory) -> Result<String, HashError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params());
    let output = compute(&argon2, password, &salt, memory)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// Whether a password is the one that was hashed.
pub(super) fn is_right(hash: &PasswordHash, password: &str, memory: &mut Memory) -> Result<bool, HashError> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from)?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash)?);
    // Outputs are compared in constant time.
    Ok(compute(&argon2, password, salt, memory)? == *expected)
}

fn compute(argon2: &Argon2<'_>, password: &str, salt: &[u8], memory: &mut Memory) -> Result<Output, HashError> {
    let params = argon2.params();
    memory.0.resize(params.block_count(), Block::new());
    let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut output, memory.0.as_mut_slice())?;
    Ok(Output::new(&output)?)
}

/// Whether a hash costs less than today's.
pub(super) fn is_weaker(hash: &PasswordHash, cost: HashCost) -> bool {
    Params::try_from(hash).map_or(true, |params| params.m_cost() < cost.memory_kib || params.t_cost() < cost.passes)
}

/// A hash of today's cost that no password leads to.
pub(super) fn dummy_hash(cost: HashCost, env: &dyn Surroundings) -> String {
    let HashCost { memory_kib, passes, lanes } = cost;
    let salt = STANDARD_NO_PAD.encode(random_bytes::<16>(env));
    let output = STANDARD_NO_PAD.encode(random_bytes::<32>(env));
    format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    use super::*;
    use crate::identity::testing::CHEAP;

    const PASSWORD: &str = "correct horse battery staple";

    #[test]
    fn production_hashes_cost_what_rfc_9106_recommends() {
        let cost = HashCost::PRODUCTION;
        assert_eq!((cost.memory_kib, cost.passes, cost.lanes), (65_536, 3, 4));

        let hash = hash(cost, PASSWORD, [7; 16], &mut Memory::default()).unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{hash}");
    }

    #[test]
    fn memory_that_was_used_before_gives_what_fresh_memory_gives() {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, CHEAP.params());
        let fresh = argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap().to_string();
        let mut memory = Memory::default();
        hash(HashCost { memory_kib: 64, ..CHEAP }, "another", [9; 16], &mut memory).unwrap();

        let again = hash(CHEAP, PASSWORD, [7; 16], &mut memory).unwrap();

        assert_eq!(again, fresh);
        let parsed = PasswordHash::new(&again).unwrap();
        assert!(argon2.verify_password(PASSWORD.as_bytes(), &parsed).is_ok());
        assert!(is_right(&parsed, PASSWORD, &mut memory).unwrap());
        assert!(!is_right(&parsed, "another", &mut memory).unwrap());
    }
}
