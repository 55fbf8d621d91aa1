//! Holds every dependency against `deny.toml`'s licences and bans, without the network.
//!
//! `cargo deny check` reads the same file and adds the advisories, which need the network; this part of it is
//! what every run of the tests can count on.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};
use serde::Deserialize;
use spdx::Expression;

use crate::shell::{root, say};

/// The parts of `deny.toml` held here.
#[derive(Debug, Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
    #[serde(default)]
    clarify: Vec<Clarification>,
}

#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Clarification {
    #[serde(rename = "crate")]
    name: String,
    expression: String,
}

#[derive(Debug, Deserialize)]
struct Bans {
    #[serde(default)]
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

/// Fails with every dependency that the rules do not allow.
pub(crate) fn check() -> anyhow::Result<()> {
    let text = std::fs::read_to_string(root().join("deny.toml")).context("reading deny.toml")?;
    let rules: Rules = toml::from_str(&text).context("reading deny.toml")?;
    let metadata = metadata()?;

    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    let problems: Vec<String> = foreign.clone().filter_map(|package| problem_with(package, &rules)).collect();
    if !problems.is_empty() {
        bail!("deny.toml does not allow:\n  {}", problems.join("\n  "));
    }
    say(format!("{} dependencies, all allowed by deny.toml", foreign.count()));
    Ok(())
}

fn metadata() -> anyhow::Result<Metadata> {
    let options = ["--locked".to_owned()];
    let mut command = MetadataCommand::new();
    command.current_dir(root()).features(CargoOpt::AllFeatures).other_options(options);
    command.exec().context("reading the workspace")
}

fn problem_with(package: &Package, rules: &Rules) -> Option<String> {
    let at = format!("{} {}", package.name, package.version);
    if rules.bans.deny.iter().any(|banned| banned.name == package.name.as_str()) {
        return Some(format!("{at}: banned"));
    }
    let clarified = rules.licenses.clarify.iter().find(|clarified| clarified.name == package.name.as_str());
    let Some(licence) = clarified.map(|clarified| &clarified.expression).or(package.license.as_ref()) else {
        return Some(format!("{at}: names no licence"));
    };
    match is_allowed(licence, package.name.as_str(), &rules.licenses) {
        Ok(true) => None,
        Ok(false) => Some(format!("{at}: {licence}")),
        Err(error) => Some(format!("{at}: {licence} cannot be read ({error})")),
    }
}

fn is_allowed(licence: &str, package: &str, rules: &Licences) -> Result<bool, spdx::ParseError> {
    // Cargo still accepts the slash that came before SPDX expressions.
    let expression = Expression::parse(&licence.replace('/', " OR "))?;
    Ok(expression.evaluate(|requirement| {
        let name = requirement.to_string();
        let mut exceptions = rules.exceptions.iter().filter(|exception| exception.name == package);
        rules.allow.contains(&name) || exceptions.any(|exception| exception.allow.contains(&name))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Licences {
        let allow: BTreeSet<String> = ["OFL-1.1".to_owned(), "Ubuntu-font-1.0".to_owned()].into();
        let exceptions = vec![Exception { name: "fonts".to_owned(), allow }];
        Licences { allow: ["MIT".to_owned(), "Apache-2.0".to_owned()].into(), exceptions, clarify: Vec::new() }
    }

    #[test]
    fn one_allowed_licence_of_a_choice_is_enough_and_all_of_a_sum_are_needed() {
        let allowed = |licence| is_allowed(licence, "some", &rules()).unwrap();

        assert!(allowed("MIT OR GPL-3.0-only"));
        assert!(allowed("MIT/Apache-2.0"));
        assert!(!allowed("MIT AND GPL-3.0-only"));
        assert!(!allowed("GPL-3.0-only"));
    }

    #[test]
    fn an_exception_is_for_its_crate_alone() {
        assert!(is_allowed("MIT AND OFL-1.1 AND Ubuntu-font-1.0", "fonts", &rules()).unwrap());
        assert!(!is_allowed("MIT AND OFL-1.1", "some", &rules()).unwrap());
    }
}
