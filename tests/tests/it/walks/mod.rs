//! Every workflow of PRODUCT 8 as a person walks it: the interface over a real replica, driven by accessible names.

mod desk;
mod duplicates;
mod leads;
mod lists;
mod settings;
