//! The moment and randomness of the operating system: the one place of this client that asks for them.

use model::{IdSource, Timestamp};

/// The system's clock and random numbers.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SystemEnv;

impl IdSource for SystemEnv {
    #[expect(clippy::disallowed_methods, reason = "the shell is where time comes from")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        getrandom::fill(&mut bytes).expect("the operating system has random numbers");
        bytes
    }
}
