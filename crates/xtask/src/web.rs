//! Builds the web client: cargo, wasm-bindgen, hashed names, the shell around it, and compressed copies of all.
//!
//! Everything whose name carries a hash may be cached for ever; `index.html`, `sw.js` and the manifest may not.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use sha2::{Digest as _, Sha256};

use crate::fonts;
use crate::setup;
use crate::shell::{has_program, root, run, say, target_dir};
use crate::wasm_fallback;

/// How to build the web client.
#[derive(Debug, clap::Args)]
pub(crate) struct WebOptions {
    /// The cargo profile.
    #[arg(long, default_value = "web")]
    pub(crate) profile: String,
    /// Squeezes the module with Binaryen and compresses as hard as possible, for a release.
    #[arg(long)]
    pub(crate) optimize: bool,
    /// Builds with Debian's Rust for the web, as where rustup can't add the wasm target.
    #[arg(long)]
    pub(crate) debian: bool,
    /// Where to put it [default: `web-dist` in cargo's target folder].
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
}

/// Files compressed less than this are not worth a second request path.
const SMALLEST_COMPRESSED_BYTES: usize = 512;

/// What the browser caches for offline start, by public path.
type Dist = BTreeMap<String, Vec<u8>>;

/// Builds the web client and returns the folder it lies in.
pub(crate) fn build(options: &WebOptions) -> anyhow::Result<PathBuf> {
    setup::web()?;
    let toolchain = if options.debian { wasm_fallback::debian()? } else { wasm_fallback::toolchain()? };
    run(wasm_fallback::cargo_build(toolchain).args(["--package", "client-web", "--profile", &options.profile]))?;

    let (glue, mut module) = bind(&options.profile)?;
    if options.optimize {
        module = squeeze(&module)?;
    }
    let dist = lay_out(&glue, module)?;

    let out = options.out.clone().unwrap_or_else(|| target_dir().join("web-dist"));
    write(dist, &out, options.optimize)?;
    say(format!("The web client is in {}", out.display()));
    Ok(out)
}

/// Makes the JavaScript around the module cargo built.
fn bind(profile: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let folder = if profile == "dev" { "debug" } else { profile };
    let built = target_dir().join(setup::WASM_TARGET).join(folder).join("client_web.wasm");
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(&built).web(true)?.typescript(false).remove_producers_section(true);
    if profile == "web" {
        bindgen.remove_name_section(true);
    }
    let mut output = bindgen.generate_output().with_context(|| format!("binding {}", built.display()))?;
    let module = output.wasm_mut().emit_wasm();
    Ok((output.js().to_owned(), module))
}

/// Runs Binaryen's optimizer over the module.
fn squeeze(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    if !has_program("wasm-opt") {
        setup::install(&[("binaryen", "wasm optimizer")])?;
    }
    let (before, after) = (target_dir().join("before.wasm"), target_dir().join("after.wasm"));
    fs::write(&before, module)?;
    run(Command::new("wasm-opt").args(["-Oz", "--all-features"]).arg(&before).arg("-o").arg(&after))?;
    Ok(fs::read(&after)?)
}

/// Puts the parts together, each under a name that changes with its content.
fn lay_out(glue: &str, module: Vec<u8>) -> anyhow::Result<Dist> {
    let sources = root().join("client-web/web");
    let source = |name: &str| fs::read_to_string(sources.join(name)).with_context(|| format!("reading {name}"));

    let mut dist = Dist::new();
    let module = add_hashed(&mut dist, "client", "wasm", module);
    let glue = add_hashed(&mut dist, "glue", "js", glue.replace("client_web_bg.wasm", &module).into_bytes());
    let setup = add_hashed(&mut dist, "setup", "js", source("setup.js")?.into_bytes());
    let boot = source("boot.js")?.replace("{{glue}}", &glue).replace("{{module}}", &module);
    let boot = boot.replace("{{setup}}", &setup);
    let boot = add_hashed(&mut dist, "boot", "js", boot.into_bytes());
    let style = add_hashed(&mut dist, "style", "css", source("style.css")?.into_bytes());
    for icon in ["icon.svg", "icon-192.png", "icon-512.png"] {
        dist.insert(icon.to_owned(), fs::read(sources.join(icon))?);
    }
    dist.insert("manifest.webmanifest".to_owned(), source("manifest.webmanifest")?.into_bytes());
    let page =
        source("index.html")?.replace("{{boot}}", &boot).replace("{{style}}", &style).replace("{{module}}", &module);
    dist.insert("index.html".to_owned(), page.into_bytes());

    let worker = service_worker(&source("sw.js")?, &dist);
    dist.insert("sw.js".to_owned(), worker.into_bytes());
    Ok(dist)
}

/// Fills in what the service worker keeps, and a name that changes whenever any of it does.
fn service_worker(source: &str, dist: &Dist) -> String {
    let mut hasher = Sha256::new();
    for (name, content) in dist {
        hasher.update(name.as_bytes());
        hasher.update(content);
    }
    let build = hex(&hasher.finalize()[..8]);
    let files: Vec<String> =
        dist.keys().filter(|name| *name != "index.html").map(|name| format!("\"/{name}\"")).collect();
    source.replace("{{build}}", &build).replace("\"{{files}}\"", &files.join(", "))
}

fn add_hashed(dist: &mut Dist, stem: &str, extension: &str, content: Vec<u8>) -> String {
    let name = format!("{stem}-{}.{extension}", hex(&Sha256::digest(&content)[..8]));
    dist.insert(format!("assets/{name}"), content);
    name
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes everything with its compressed copies, replacing what was there.
fn write(mut dist: Dist, out: &Path, hard: bool) -> anyhow::Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("clearing {}", out.display()))?;
    }
    // Fonts are no part of what every browser keeps: each is fetched where it is needed.
    let fonts = fonts::collect()?.into_iter().map(|font| (format!("fonts/{}", font.name), font.content));
    dist.extend(fonts);
    for (name, content) in &dist {
        let path = out.join(name);
        fs::create_dir_all(path.parent().unwrap_or(out))?;
        fs::write(&path, content)?;
        if content.len() >= SMALLEST_COMPRESSED_BYTES && !name.ends_with(".png") {
            let (gzip, brotli) = (gzip(content)?, brotli(content, hard)?);
            if name.ends_with(".wasm") {
                report_size(name, content, &gzip, &brotli);
            }
            fs::write(out.join(format!("{name}.gz")), gzip)?;
            fs::write(out.join(format!("{name}.br")), brotli)?;
        }
    }
    Ok(())
}

fn report_size(name: &str, raw: &[u8], gzip: &[u8], brotli: &[u8]) {
    let mib = |bytes: &[u8]| bytes.len() as f64 / f64::from(1 << 20);
    say(format!("{name}: {:.2} MiB, gzip {:.2} MiB, brotli {:.2} MiB", mib(raw), mib(gzip), mib(brotli)));
}

fn gzip(content: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// Compresses with brotli; the hardest level takes ten times as long for a few percent.
fn brotli(content: &[u8], hard: bool) -> anyhow::Result<Vec<u8>> {
    let quality = if hard { 11 } else { 9 };
    let window_bits = 24;
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, window_bits);
    encoder.write_all(content)?;
    Ok(encoder.into_inner())
}
