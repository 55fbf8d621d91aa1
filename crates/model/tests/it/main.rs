//! Claims about the model that take more than one file to state.

mod sample;
