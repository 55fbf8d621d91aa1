//! The projection: a cache that is built again when it is gone or damaged, and is then what it was.

use model::build::Dice;
use model::{Kind, RecordId};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use sync_server::config::DataDir;
use sync_server::domain::Relay;
use sync_server::hub;
use sync_server::identity::Machine;
use sync_server::identity::env::FreshIds;
use sync_server::identity::gate::Gate;
use sync_server::identity::store::IdentityStore;
use sync_server::identity::{HashCost, Identity, IdentityOptions};
use sync_server::projection::Projection;
use sync_server::store::SqliteStore;

use crate::team::{Team, id};

/// Everything that the projection in a folder says, once it has caught up with the log there.
async fn everything(dir: &Path) -> Vec<String> {
    let data = DataDir::new(dir);
    let relay = Relay::open(SqliteStore::open(&data.database()).unwrap(), &mut FreshIds(&Machine)).unwrap();
    let workspace = relay.workspace();
    let cost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
    let options =
        IdentityOptions { database: data.database(), keys: data.keys(), workspace, cost, env: Arc::new(Machine) };
    let identity = Arc::new(Identity::open(options).unwrap());
    let own = IdentityStore::open(&data.database(), workspace).unwrap();
    let (hub, thread) = hub::spawn(relay, Gate::new(identity, Arc::new(Machine), own)).unwrap();
    let projection = Projection::start(data.projection(), &hub, Arc::new(Machine)).unwrap();
    let all = projection.read(|view| {
        let mut lines = vec![format!("{:?}", view.settings)];
        for kind in Kind::ALL {
            let mut after: Option<RecordId> = None;
            loop {
                let page = view.store.records(kind, after, 100)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                for record in page {
                    lines.push(format!("{record:?} {:?}", view.store.view_heads(record.id)?));
                    lines.push(format!("{:?}", view.store.field_changes(record.reference(), 500)?));
                }
            }
        }
        Ok(lines)
    });
    let all = all.await.unwrap();
    hub.shut_down();
    tokio::task::spawn_blocking(move || thread.join()).await.unwrap().unwrap();
    drop(projection);
    all
}

/// Random work through REST: some create, some change, some trash.
async fn work(team: &Team, seed: u64, steps: u32) {
    let mut dice = Dice::new(seed);
    let mut leads: Vec<String> = Vec::new();
    let members = [team.ada.clone(), team.ben.clone()];
    for step in 0..steps {
        let who = &members[usize::try_from(dice.below(2)).unwrap()];
        let picked =
            (!leads.is_empty()).then(|| leads[usize::try_from(dice.below(leads.len() as u64)).unwrap()].clone());
        match (dice.below(6), picked) {
            (0, Some(lead)) => drop(team.delete(&format!("/leads/{lead}"), who).await),
            (1 | 2, Some(lead)) => {
                let stage = ["new", "qualified", "won", "lost"][usize::try_from(dice.below(4)).unwrap()];
                let body =
                    json!({"stage": stage, "value_cents": dice.below(1000), "tags": [format!("t{}", dice.below(3))]});
                team.patch(&format!("/leads/{lead}"), who, body).await;
            }
            (3, Some(lead)) => {
                let body = json!({"title": "Ring", "linked_type": "lead", "linked_id": lead});
                team.made("/tasks", who, body).await;
            }
            _ => {
                let lead = team.made("/leads", who, json!({"title": format!("Lead {step}")})).await;
                leads.push(id(&lead).to_owned());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_random_work_it_equals_a_rebuild() {
    for seed in [1, 2] {
        let team = Team::new().await;
        work(&team, seed, 60).await;
        let dir = team.relay.stop().await;

        let followed = everything(dir.path()).await;
        std::fs::remove_file(DataDir::new(dir.path()).projection()).unwrap();
        let rebuilt = everything(dir.path()).await;

        assert_eq!(followed, rebuilt, "seed {seed}");
        assert!(rebuilt.len() > 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_built_again() {
    let team = Team::new().await;
    work(&team, 3, 20).await;
    let dir = team.relay.stop().await;
    let before = everything(dir.path()).await;
    let file = DataDir::new(dir.path()).projection();

    let size = usize::try_from(std::fs::metadata(&file).unwrap().len()).unwrap();
    for damage in [vec![0x5a; 8192], Vec::new(), vec![0xff; size]] {
        std::fs::write(&file, &damage).unwrap();
        assert_eq!(everything(dir.path()).await, before, "{} bytes", damage.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_another_log_is_built_again() {
    let (one, other) = (Team::new().await, Team::new().await);
    work(&one, 4, 10).await;
    work(&other, 5, 20).await;
    let (one, other) = (one.relay.stop().await, other.relay.stop().await);
    let expected = everything(one.path()).await;
    drop(everything(other.path()).await);

    let file = |dir: &tempfile::TempDir| DataDir::new(dir.path()).projection();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file(&one).display()));
    }
    std::fs::copy(file(&other), file(&one)).unwrap();

    assert_eq!(everything(one.path()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_their_own_writes() {
    let team = Team::new().await;

    for index in 0..30 {
        let lead = team.made("/leads", &team.ben, json!({"title": format!("Lead {index}")})).await;
        let list = team.get("/leads?page_size=1", &team.cat).await.body;
        assert_eq!(list["total"], index + 1);
        assert_eq!(team.get(&format!("/leads/{}", id(&lead)), &team.cat).await.body["title"], lead["title"]);
        assert_ne!(list["items"], Value::Null);
    }
}
