//! Tests of the protocol's parts.

mod slim;
