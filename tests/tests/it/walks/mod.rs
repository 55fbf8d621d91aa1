//! Every workflow of PRODUCT 8 as a person walks it: the interface over a real replica, driven by accessible names.

mod backups;
mod desk;
mod duplicates;
mod editing;
mod figures;
mod imports;
mod leads;
mod lists;
mod me;
mod own_fields;
mod roles;
mod settings;
mod together;
