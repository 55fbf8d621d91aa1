//! A relay full of records with the device they were made on, built once for all the cases that look at it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::action::{Action, Label};
use model::app::Update;
use model::{Edit, IdSource as _, Kind, RecordId, UserId};

use super::figure::{BenchError, Took, expect_count};
use super::pipe::{Device, Pipe};
use super::records::{Maker, Mix};

/// Edits of one command while a world is filled.
const CHUNK: usize = 200;
/// Commands after which client and relay exchange what there is.
const CHUNKS_AT_ONCE: usize = 10;
/// A relay that is never reached by this name.
const SERVER: &str = "http://relay.test";

/// The worlds of one run.
pub(crate) struct Worlds {
    folder: PathBuf,
    quick: bool,
    built: BTreeMap<Mix, World>,
    count: u64,
}

/// A relay and a device that agree.
pub(crate) struct World {
    pub(crate) pipe: Pipe,
    pub(crate) device: Device,
    pub(crate) user: UserId,
    pub(crate) folder: PathBuf,
    seed: u64,
}

impl Worlds {
    pub(crate) const fn new(folder: PathBuf, quick: bool) -> Self {
        Self { folder, quick, built: BTreeMap::new(), count: 0 }
    }

    /// A size as it is measured in this run.
    pub(crate) const fn size(&self, full: usize) -> usize {
        if self.quick { full / 10 } else { full }
    }

    /// The world with these records; built when nobody has asked for it before.
    pub(crate) fn shared(&mut self, mix: Mix) -> Result<&mut World, BenchError> {
        if !self.built.contains_key(&mix) {
            let world = self.fresh(mix)?;
            self.built.insert(mix, world);
        }
        self.built.get_mut(&mix).ok_or(BenchError::Stalled("a world"))
    }

    /// An empty folder for one case alone.
    pub(crate) fn folder(&mut self) -> Result<PathBuf, BenchError> {
        self.count += 1;
        let folder = self.folder.join(format!("case-{}", self.count));
        std::fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// A world for one case alone.
    pub(crate) fn fresh(&mut self, mix: Mix) -> Result<World, BenchError> {
        self.count += 1;
        let folder = self.folder.join(format!("world-{}", self.count));
        std::fs::create_dir(&folder)?;
        World::build(folder, mix, self.count * 1_000)
    }
}

impl World {
    fn build(folder: PathBuf, mix: Mix, seed: u64) -> Result<Self, BenchError> {
        let mut pipe = Pipe::open(&folder, seed)?;
        let user = pipe.add_user()?;
        let device = Device::open(folder.join("first.db"), user, pipe.relay.workspace(), seed + 1)?;
        let mut world = Self { pipe, device, user, folder, seed: seed + 1 };
        world.device.join(SERVER);
        world.settle()?;
        world.device.finish_checks();
        world.fill(mix)?;
        Ok(world)
    }

    fn fill(&mut self, mix: Mix) -> Result<(), BenchError> {
        let edits = Maker::new(&mut self.device.env, self.user).mix(mix);
        for part in edits.chunks(CHUNK * CHUNKS_AT_ONCE) {
            for edits in part.chunks(CHUNK) {
                self.prepared(edits.to_vec())?;
            }
            self.settle()?;
        }
        let present = self.pipe.relay.store_mut();
        let records = sync_server::store::LogStore::counts(present).map_or(0, |counts| counts.records);
        // The settings and the person are there as well.
        expect_count("records at the relay", mix.total() + 2, records)
    }

    /// Carries out edits as one command.
    pub(crate) fn prepared(&mut self, edits: Vec<Edit>) -> Result<(), BenchError> {
        let label = Label::Imported { file: "records".into(), import: self.device.env.fresh_command_id() };
        self.device.act(Action::Prepared { label, edits })?;
        Ok(())
    }

    /// Lets the first device and the relay come to rest.
    pub(crate) fn settle(&mut self) -> Result<Vec<Update>, BenchError> {
        self.pipe.settle(&mut [&mut self.device])
    }

    /// Closes the first device and opens it again, not connected; says how long opening took.
    pub(crate) fn restart_device(&mut self) -> Result<Took, BenchError> {
        self.pipe.hang_up(&mut self.device);
        self.device.reopen()
    }

    /// Another device of the same person that has never seen anything; it wants to join.
    pub(crate) fn newcomer(&mut self, name: &str) -> Result<Device, BenchError> {
        self.seed += 1;
        let path = self.folder.join(format!("{name}.db"));
        let mut device = Device::open(path, self.user, self.pipe.relay.workspace(), self.seed)?;
        device.join(SERVER);
        Ok(device)
    }

    /// Another device that has everything, checked.
    pub(crate) fn second(&mut self, name: &str) -> Result<Device, BenchError> {
        let mut device = self.newcomer(name)?;
        self.pipe.settle(&mut [&mut device])?;
        device.finish_checks();
        Ok(device)
    }

    /// The first leads.
    pub(crate) fn leads(&self, count: usize) -> Result<Vec<RecordId>, BenchError> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let leads = self.device.replica.store().records(Kind::Lead, None, count)?;
        Ok(leads.into_iter().map(|lead| lead.id).collect())
    }
}

/// Bytes of a file.
pub(crate) fn size_of(path: &Path) -> Result<u64, BenchError> {
    Ok(std::fs::metadata(path)?.len())
}
