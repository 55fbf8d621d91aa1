//! What the figures were measured on.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::figure::{BenchError, Samples, timed};

/// Writes whose time on the disk is measured.
const SYNCED_WRITES: usize = 100;

/// Describes the machine, and the disk that `folder` is on.
pub(crate) fn describe(folder: &Path) -> Result<Json, BenchError> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    Ok(json!({
        "processor": line_of("/proc/cpuinfo", "model name"),
        "cores": cores,
        "memory": line_of("/proc/meminfo", "MemTotal"),
        "system": fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim(),
        "file_system": file_system(folder),
        "synced_4k_write_millis": synced_writes(folder)?.spread(),
        "load_average_at_start": load_average(),
    }))
}

/// How many programs wanted a processor in the last 1, 5 and 15 minutes.
pub(crate) fn load_average() -> Vec<f64> {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).filter_map(|number| number.parse().ok()).collect()
}

/// The most memory this process has had, in bytes, and what it has now.
pub(crate) fn memory_bytes() -> (u64, u64) {
    let kibibytes = |key| {
        let line = line_of("/proc/self/status", key);
        line.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
    };
    (kibibytes("VmHWM") * 1_024, kibibytes("VmRSS") * 1_024)
}

fn line_of(path: &str, key: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.split_once(':'));
    line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// The type of the file system that holds a folder.
fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let holding = mounts.lines().filter_map(|line| {
        let mut parts = line.split(' ').skip(1);
        let (place, kind) = (parts.next()?, parts.next()?);
        folder.starts_with(place).then_some((place.len(), kind))
    });
    holding.max().map(|(_, kind)| kind.to_owned()).unwrap_or_default()
}

/// What one small durable write costs here: the floor under everything that is committed.
fn synced_writes(folder: &Path) -> Result<Samples, BenchError> {
    let path = folder.join("synced");
    let mut file = fs::File::create(&path)?;
    let mut samples = Samples::default();
    for _ in 0..SYNCED_WRITES {
        let (done, took) = timed(|| file.write_all(&[7; 4_096]).and_then(|()| file.sync_data()));
        done?;
        samples.add(took.clock);
    }
    fs::remove_file(path)?;
    Ok(samples)
}
