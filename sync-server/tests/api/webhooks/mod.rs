//! Webhooks against a real receiver: what is sent, in which order, how often, and where to it may go.

mod attacks;
mod delivering;
mod managing;
mod receiver;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sync_server::http::AppOptions;
use sync_server::webhooks::{Names, SystemNames};

use crate::harness::{Files, Outbound, TestRelay};
use crate::team::{Team, id};
use receiver::Receiver;

/// A team whose relay may send to this machine, and a receiver.
async fn team_and_receiver() -> (Team, Receiver) {
    let outbound = Outbound { allow_private: true, names: Arc::new(SystemNames) };
    (team_sending(outbound).await, Receiver::start().await)
}

/// A team whose relay may send there.
async fn team_sending(outbound: Outbound) -> Team {
    let defaults = (AppOptions::default(), Files::default());
    let relay = TestRelay::start_in(tempfile::tempdir().unwrap(), defaults, outbound).await;
    let (relay, ada) = relay.let_ada_in().await;
    Team::of(relay, ada).await
}

/// Makes a webhook; its id and secret.
async fn hook(team: &Team, url: &str, events: Value) -> (String, String) {
    let made = team.made("/webhooks", &team.ada, json!({ "url": url, "events": events })).await;
    (id(&made).to_owned(), made["secret"].as_str().unwrap().to_owned())
}

/// A webhook's deliveries, the newest first.
async fn deliveries(team: &Team, hook: &str) -> Vec<Value> {
    let page = team.get(&format!("/webhooks/{hook}/deliveries"), &team.ada).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body["items"].as_array().unwrap().clone()
}

/// Waits until a webhook's newest delivery is as it should be; returns it.
async fn until(team: &Team, hook: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..400 {
        last = deliveries(team, hook).await.into_iter().next().unwrap_or_default();
        if is_so(&last) {
            return last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("it never came to that: {last:#}");
}

/// How a webhook is listed.
async fn listed(team: &Team, hook: &str) -> Value {
    let all = team.get("/webhooks", &team.ada).await;
    all.body["items"].as_array().unwrap().iter().find(|one| id(one) == hook).unwrap().clone()
}

/// Lets time pass for webhooks; everybody signs in again, for access tokens live ten minutes.
async fn pass(team: &mut Team, millis: i64) {
    team.relay.clock.advance(millis);
    team.sign_in_again().await;
    team.relay.app.options.webhooks.as_ref().unwrap().wake();
}

/// Names that lead where a test says; each look-up is noted.
#[derive(Debug, Default)]
struct StubNames {
    known: BTreeMap<&'static str, Vec<SocketAddr>>,
    asked: Mutex<Vec<String>>,
}

impl StubNames {
    fn of(known: &[(&'static str, &str)]) -> Arc<Self> {
        let known = known
            .iter()
            .map(|(name, addresses)| (*name, addresses.split(' ').map(|address| address.parse().unwrap()).collect()));
        Arc::new(Self { known: known.collect(), asked: Mutex::default() })
    }
}

impl Names for StubNames {
    fn addresses(&self, host: &str, _: u16) -> io::Result<Vec<SocketAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        self.known.get(host).cloned().ok_or_else(|| io::Error::other("nobody's name"))
    }
}
