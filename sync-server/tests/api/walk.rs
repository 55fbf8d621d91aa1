//! The walk through the API in `docs/api.md`, run as it stands there.

use std::process::Command;

use serde_json::Value;

use crate::harness::{ADA, PASSWORD, TestRelay};

/// The fenced `sh` blocks, in order.
fn blocks(page: &str) -> String {
    let fenced = page.split("```sh\n").skip(1).filter_map(|part| part.split("```").next());
    fenced.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_walk_works_as_it_is_written() {
    let (relay, _) = TestRelay::with_ada().await;
    let script = format!("set -eu\n{}", blocks(include_str!("../../docs/api.md")));
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).env("RELAY", format!("http://{}", relay.address));
    shell.env("EMAIL", ADA).env("PASSWORD", PASSWORD);

    let output = tokio::task::spawn_blocking(move || shell.output().unwrap()).await.unwrap();

    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{errors}");
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(last["code"], "sign_in", "the walk ends with a revoked token: {out}");
}
