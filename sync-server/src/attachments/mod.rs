//! The bytes of attachments: stored once for each checksum, uploaded in parts that survive any interruption.
//!
//! What a file is called, what it hangs on and who may see it stands in its record, in the log like every other.
//! Here are only bytes, named by their SHA-256, and which attachment holds which. Nobody gets bytes by naming a
//! checksum: an attachment holds them only after somebody has sent all of them for it.
//!
//! Nothing here knows HTTP. [`service`] has the rules, [`tables`] knows SQL, [`vault`] the object store, [`place`] where
//! that is, [`backup`] how files get out of it and back, [`scan`] the virus scanner.

pub mod backup;
pub mod bitmap;
pub mod checksum;
pub mod errors;
pub mod place;
pub mod rows;
pub mod scan;
pub mod service;
pub mod tables;
pub mod vault;

pub use checksum::Checksum;
pub use place::{Bucket, Place};
pub use rows::{AttachedFile, ScanState, UploadId};
pub use service::{AttachmentLimits, AttachmentOptions, Attachments};
