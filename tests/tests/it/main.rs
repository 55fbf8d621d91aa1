//! Tests of the whole: walls between rooms, teams under a seed, real processes on real sockets.

mod arrows;
mod simulation;
