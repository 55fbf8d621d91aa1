//! Holds the Docker files against the relay's real settings. No container engine runs here, so this is what can be
//! known without one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};
use serde_json::Value;
use sync_server::config::{CommandLine, Task};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn compose() -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(root().join("docker-compose.yml")).unwrap()).unwrap()
}

fn dockerfile() -> String {
    std::fs::read_to_string(root().join("sync-server/Dockerfile")).unwrap()
}

/// The last stage's instructions, by name.
fn instructions() -> BTreeMap<String, Vec<String>> {
    let file = dockerfile().replace("\\\n", " ");
    let stage = file.rsplit_once("\nFROM ").unwrap().1.to_owned();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in stage.lines().skip(1).filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, rest) = line.split_once(' ').unwrap();
        found.entry(name.to_owned()).or_default().push(rest.trim().to_owned());
    }
    found
}

fn image_env() -> BTreeMap<String, String> {
    instructions()["ENV"].iter().map(|line| line.split_once('=').map(|(k, v)| (k.into(), v.into())).unwrap()).collect()
}

/// Every environment variable that the program reads.
fn known_variables() -> BTreeSet<String> {
    fn collect(command: &clap::Command, found: &mut BTreeSet<String>) {
        found.extend(
            command.get_arguments().filter_map(|it| it.get_env()).map(|env| env.to_string_lossy().into_owned()),
        );
        command.get_subcommands().for_each(|command| collect(command, found));
    }
    let mut found = BTreeSet::from(["RUST_LOG".to_owned()]);
    let mut command = CommandLine::command();
    command.build();
    collect(&command, &mut found);
    found
}

/// The variables of `serve` alone.
fn serve_variables() -> BTreeSet<String> {
    let mut command = CommandLine::command();
    command.build();
    let serve = command.find_subcommand("serve").unwrap();
    let named = |it: &clap::Arg| it.get_env().map(|env| env.to_string_lossy().into_owned());
    serve.get_arguments().filter_map(named).collect()
}

/// What the relay makes of the container's variables.
fn parse_serve(env: &BTreeMap<String, String>) -> sync_server::config::ServeOptions {
    let mut line = vec!["trailtrack-relay".to_owned(), "serve".to_owned()];
    for (variable, flag) in
        [("TRAILTRACK_DATA", "--data"), ("TRAILTRACK_LISTEN", "--listen"), ("TRAILTRACK_WEB", "--web")]
    {
        line.extend([flag.to_owned(), env[variable].clone()]);
    }
    match CommandLine::try_parse_from(line).unwrap().task {
        Task::Serve(options) => options,
        other => panic!("{other:?}"),
    }
}

#[test]
fn compose_sets_only_variables_that_exist_and_documents_every_one_of_serve() {
    let compose = compose();
    let set: BTreeSet<String> =
        compose["services"]["relay"]["environment"].as_object().unwrap().keys().cloned().collect();

    assert!(set.is_subset(&known_variables()), "{set:?}");
    assert!(serve_variables().is_subset(&set), "{:?}", serve_variables().difference(&set).collect::<Vec<_>>());
    let text = std::fs::read_to_string(root().join("docker-compose.yml")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for variable in &set {
        let at = lines.iter().position(|line| line.trim_start().starts_with(&format!("{variable}:"))).unwrap();
        assert!(lines[at - 1].trim_start().starts_with('#'), "{variable} has no comment");
    }
}

#[test]
fn the_image_and_compose_agree_with_the_relays_settings() {
    let (compose, instructions) = (compose(), instructions());
    let relay = &compose["services"]["relay"];
    let env = image_env();
    assert!(env.keys().all(|variable| known_variables().contains(variable)), "{env:?}");
    let serve = parse_serve(&env);

    let port = serve.listen.port().to_string();
    assert!(serve.listen.ip().is_unspecified(), "reachable from outside the container");
    assert_eq!(instructions["EXPOSE"], [port.as_str()]);
    assert!(relay["ports"][0].as_str().unwrap().ends_with(&format!(":{port}")));
    assert!(
        compose["configs"]["caddyfile"]["content"].as_str().unwrap().contains(&format!("reverse_proxy relay:{port}"))
    );
    let data = serve.data.dir.to_str().unwrap().to_owned();
    assert_eq!(instructions["VOLUME"], [data.as_str()]);
    assert_eq!(relay["volumes"], serde_json::json!([format!("data:{data}")]));
    assert!(compose["volumes"].as_object().unwrap().contains_key("data"));
    let copies = |path: &str| instructions["COPY"].iter().any(|copy| copy.ends_with(path));
    assert!(copies(serve.web.unwrap().to_str().unwrap()) && copies("/usr/local/bin/trailtrack-relay"));
    for (variable, value) in &env {
        assert_eq!(relay["environment"][variable], **value, "{variable} in compose");
    }
}

#[test]
fn the_container_runs_the_program_as_nobody_special() {
    let (compose, instructions) = (compose(), instructions());

    assert_eq!(instructions["ENTRYPOINT"], [r#"["trailtrack-relay"]"#]);
    assert_eq!(instructions["CMD"], [r#"["serve"]"#]);
    assert_eq!(instructions["USER"], ["10001:10001"]);
    let relay = &compose["services"]["relay"];
    assert_eq!((&relay["read_only"], &relay["cap_drop"][0]), (&true.into(), &"ALL".into()));
    assert_eq!(relay["build"]["dockerfile"], "sync-server/Dockerfile");
    assert!(root().join("sync-server/Dockerfile").exists());
}

#[test]
fn the_health_check_is_a_command_line_that_the_relay_understands() {
    let (compose, instructions) = (compose(), instructions());
    let in_compose = compose["services"]["relay"]["healthcheck"]["test"].as_array().unwrap().clone();
    let in_image = instructions["HEALTHCHECK"][0].split_once("CMD ").unwrap().1.to_owned();
    let in_image: Vec<Value> = serde_json::from_str(&in_image).unwrap();

    assert_eq!(in_compose[0], "CMD");
    assert_eq!(in_compose[1..], in_image);
    let line = CommandLine::try_parse_from(in_image.iter().map(|word| word.as_str().unwrap())).unwrap();
    assert!(matches!(line.task, Task::Health { .. }), "{line:?}");
}

#[test]
fn tls_is_an_optional_profile_in_front_of_the_relay() {
    let compose = compose();
    let tls = &compose["services"]["tls"];

    assert_eq!(tls["profiles"], serde_json::json!(["tls"]));
    assert!(compose["services"]["relay"].get("profiles").is_none());
    assert_eq!(tls["configs"][0]["source"], "caddyfile");
    assert_eq!(tls["depends_on"]["relay"]["condition"], "service_healthy");
    let published: Vec<&str> = tls["ports"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(published, ["80:80", "443:443", "443:443/udp"]);
}
