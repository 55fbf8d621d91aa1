//! The files that this browser keeps, on its private file system in the folder `files`, by their SHA-256. A file is
//! written beside and renamed, so none is half there.

use std::io::{Cursor, Read as _};

use js_sys::{ArrayBuffer, Function, Promise, Reflect, Uint8Array};
use model::app::FileSource;
use replica::archive::{Archive, Packer, Prepared};
use replica::{FileOutcome, FileWork, Input, Packed, Unpacked};
use sha2::{Digest as _, Sha256};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemSyncAccessHandle, Headers, Request, RequestInit, Response,
};

use super::{feed, scope};

/// The folder of files.
const FOLDER: &str = "files";
/// What is said when the browser gives no better reason.
const NOT_KEPT: &str = "this browser can't keep the file";

/// Does what the replica asks; what comes of it is an input.
pub(super) fn carry_out(job: u64, work: FileWork) {
    spawn_local(async move {
        let outcome = perform(job, work).await.map_err(|error| reason(&error));
        feed(Input::FileDone { job, outcome });
    });
}

async fn perform(job: u64, work: FileWork) -> Result<FileOutcome, JsValue> {
    match work {
        FileWork::Keep { source: FileSource::Bytes(bytes) } => {
            let checksum = sum_of(&bytes);
            keep(job, &checksum, &bytes).await?;
            Ok(FileOutcome::Kept { checksum, size_bytes: length_of(&bytes) })
        }
        FileWork::Keep { source: FileSource::Path(_) } => Err(JsValue::from_str("a browser knows no paths")),
        FileWork::SendPart { url, bearer, checksum, offset, length } => {
            let part = part(&checksum, offset, length).await?;
            let (status, body) = ask("PUT", &url, &bearer, Some(&part)).await?;
            Ok(FileOutcome::Answered(status, body))
        }
        FileWork::Fetch { url, bearer, checksum, size_bytes } => {
            let (status, body) = ask("GET", &url, &bearer, None).await?;
            if status != 200 {
                return Err(JsValue::from_str(&format!("the relay answered {status}")));
            }
            if length_of(&body) != size_bytes || sum_of(&body) != checksum {
                return Err(JsValue::from_str("what came is not the file that was asked for"));
            }
            keep(job, &checksum, &body).await?;
            Ok(FileOutcome::Fetched)
        }
        FileWork::Read { checksum } => {
            let bytes = read(&checksum).await?;
            if sum_of(&bytes) != checksum {
                return Err(JsValue::from_str("the file has changed; fetch it again from the relay or attach it anew"));
            }
            Ok(FileOutcome::Read(bytes))
        }
        FileWork::Drop { checksum } => {
            let folder = folder().await?;
            // What is gone already needs no removing.
            JsFuture::from(folder.remove_entry(&digits(&checksum))).await.ok();
            Ok(FileOutcome::Dropped)
        }
        FileWork::Pack { prepared, .. } => pack(*prepared).await,
        FileWork::Unpack { source: FileSource::Bytes(bytes) } => unpack(job, bytes).await,
        FileWork::Unpack { source: FileSource::Path(_) } => Err(JsValue::from_str("a browser knows no paths")),
    }
}

/// Writes a backup in memory, one file at a time.
async fn pack(prepared: Prepared) -> Result<FileOutcome, JsValue> {
    let mut packer = Packer::new(Cursor::new(Vec::new()), prepared.about);
    for part in prepared.parts {
        packer.add_part(&part).map_err(spoken)?;
    }
    for file in prepared.files {
        // What can't be read counts as missing; the manifest says so.
        match read(&file.sha256).await {
            Ok(bytes) => packer.add_file(file, Some(&mut bytes.as_slice())).map_err(spoken)?,
            Err(_) => packer.add_file(file, None).map_err(spoken)?,
        }
    }
    let (out, manifest) = packer.finish().map_err(spoken)?;
    let bytes = out.into_inner();
    Ok(FileOutcome::Packed(Box::new(Packed { manifest, size_bytes: length_of(&bytes), bytes })))
}

async fn unpack(job: u64, bytes: Vec<u8>) -> Result<FileOutcome, JsValue> {
    let mut archive = Archive::open(Cursor::new(bytes)).map_err(spoken)?;
    let parts = archive.parts().map_err(spoken)?;
    let manifest = archive.manifest().clone();
    for file in &manifest.files {
        let mut bytes = Vec::new();
        match archive.file(file).map_err(spoken)? {
            Some(mut source) => source.read_to_end(&mut bytes).map_err(spoken)?,
            None => continue,
        };
        keep(job, &file.sha256, &bytes).await?;
    }
    Ok(FileOutcome::Unpacked(Box::new(Unpacked { manifest, parts })))
}

fn spoken(error: impl std::fmt::Display) -> JsValue {
    JsValue::from_str(&error.to_string())
}

async fn read(checksum: &str) -> Result<Vec<u8>, JsValue> {
    let file: FileSystemFileHandle =
        JsFuture::from(folder().await?.get_file_handle(&digits(checksum))).await?.dyn_into()?;
    let file: File = JsFuture::from(file.get_file()).await?.dyn_into()?;
    let bytes: ArrayBuffer = JsFuture::from(file.array_buffer()).await?.dyn_into()?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    let manager = scope().navigator().storage();
    let root: FileSystemDirectoryHandle = JsFuture::from(manager.get_directory()).await?.dyn_into()?;
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    JsFuture::from(root.get_directory_handle_with_options(FOLDER, &options)).await?.dyn_into()
}

/// Writes beside, flushes, and renames.
async fn keep(job: u64, checksum: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let folder = folder().await?;
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let beside = JsFuture::from(folder.get_file_handle_with_options(&format!("copying-{job}"), &options)).await?;
    let beside: FileSystemFileHandle = beside.dyn_into()?;
    let handle: FileSystemSyncAccessHandle = JsFuture::from(beside.create_sync_access_handle()).await?.dyn_into()?;
    let written = handle.truncate_with_u32(0).and_then(|()| handle.write_with_u8_array(bytes)).and_then(|written| {
        handle.flush()?;
        Ok(written)
    });
    handle.close();
    // A full disk may write less than it was given.
    #[expect(clippy::cast_precision_loss, reason = "files of a browser are far below 2^53 bytes")]
    let whole = written? == bytes.len() as f64;
    if !whole {
        return Err(JsValue::from_str("there is no room left for the file"));
    }
    rename(&beside, &digits(checksum)).await
}

/// `FileSystemFileHandle.move(name)`, which the bindings don't know yet.
async fn rename(file: &FileSystemFileHandle, name: &str) -> Result<(), JsValue> {
    let rename: Function = Reflect::get(file, &"move".into())?.dyn_into()?;
    let promise: Promise = rename.call1(file, &name.into())?.dyn_into()?;
    JsFuture::from(promise).await.map(drop)
}

async fn part(checksum: &str, offset: u64, length: u64) -> Result<Blob, JsValue> {
    let file: FileSystemFileHandle =
        JsFuture::from(folder().await?.get_file_handle(&digits(checksum))).await?.dyn_into()?;
    let file: File = JsFuture::from(file.get_file()).await?.dyn_into()?;
    #[expect(clippy::cast_precision_loss, reason = "files of a browser are far below 2^53 bytes")]
    file.slice_with_f64_and_f64(offset as f64, offset.saturating_add(length) as f64)
}

async fn ask(method: &str, url: &str, bearer: &str, body: Option<&Blob>) -> Result<(u16, Vec<u8>), JsValue> {
    let headers = Headers::new()?;
    headers.set("authorization", &format!("Bearer {bearer}"))?;
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(&headers);
    if let Some(body) = body {
        init.set_body(body);
    }
    let request = Request::new_with_str_and_init(url, &init)?;
    let response: Response = JsFuture::from(scope().fetch_with_request(&request)).await?.dyn_into()?;
    let body: ArrayBuffer = JsFuture::from(response.array_buffer()?).await?.dyn_into()?;
    Ok((response.status(), Uint8Array::new(&body).to_vec()))
}

fn sum_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A checksum is nothing but hexadecimal digits, whoever wrote it.
fn digits(checksum: &str) -> String {
    checksum.chars().filter(char::is_ascii_hexdigit).collect()
}

fn reason(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    error.as_string().or(message).unwrap_or_else(|| NOT_KEPT.to_owned())
}
