//! The browser's clock, dice and bytes: the one place of this client that asks for them.

use js_sys::Uint8Array;
use model::{IdSource, Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};

/// The browser's clock and random numbers.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct BrowserEnv;

impl IdSource for BrowserEnv {
    fn now(&self) -> Timestamp {
        // Milliseconds since 1970 are whole and far below 2^53.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let millis = js_sys::Date::now() as i64;
        Timestamp::from_millis(millis)
    }

    fn random(&mut self) -> [u8; 10] {
        random_bytes()
    }
}

/// Fresh random bytes.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("every browser has random numbers");
    bytes
}

/// A fresh random number.
pub(crate) fn random_u64() -> u64 {
    u64::from_le_bytes(random_bytes())
}

/// The bytes of a message, if it is made of bytes.
pub(crate) fn bytes_of(data: &JsValue) -> Option<Vec<u8>> {
    data.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}
