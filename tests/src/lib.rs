//! Whole teams under one seed: the real client core and the real relay core, with the network, the clock and the
//! dice in the hands of a simulation.

pub mod sim;
