//! Reading what people type.

mod addresses;
mod amounts;
mod dates;
mod laws;
