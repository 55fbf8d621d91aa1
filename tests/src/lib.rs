//! Whole teams under one seed: the real client core and the real relay core, with the network, the clock and the
//! dice in the hands of a simulation. And the same cores on real files and sockets, measured.

pub mod bench;
pub mod sim;
