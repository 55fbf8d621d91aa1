//! `cargo xtask s3-test`: the relay's attachments in a bucket, against a server that speaks S3 on this machine.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::shell::{Steps, cargo, output_of, run};

/// The server, from PyPI.
const SERVER: &str = "moto[server]==5.2.5";
/// Tries before a server that does not answer is given up.
const STARTS_MAX: u32 = 200;
/// The bucket; every relay of a test has a folder of its own in it.
const BUCKET: &str = "trailtrack-test";

/// A server that ends with the value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already needs no killing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs every test of attachments that does not look into the folder itself.
pub(crate) fn s3_test() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let _server = steps.step("the server", || start(&address.port().to_string(), &format!("http://{address}")))?;
    steps.step("attachments in a bucket", || {
        let mut tests = cargo();
        tests.args(["test", "--workspace", "--features", "sync-server/s3", "--test", "outside", "attachments"]);
        tests.args(["--", "--skip", "a_file_that_is_damaged_or_gone_is_found"]);
        tests.env("TRAILTRACK_TEST_BUCKET", format!("s3://{BUCKET}"));
        tests.env("AWS_ENDPOINT", format!("http://{address}")).env("AWS_ALLOW_HTTP", "true");
        tests.env("AWS_REGION", "us-east-1").env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        run(&mut tests)
    })?;
    steps.summary();
    Ok(())
}

/// Installs the server below the user's cache folder, unless it is there, starts it and makes the bucket.
fn start(port: &str, url: &str) -> anyhow::Result<Server> {
    let program = crate::python::environment(SERVER)?.join("bin/moto_server");
    let mut command = Command::new(program);
    command.args(["--host", "127.0.0.1", "--port", port]).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Server(command.spawn().context("could not start the server")?);
    let bucket = format!("{url}/{BUCKET}");
    for _ in 0..STARTS_MAX {
        if output_of(Command::new("curl").args(["--silent", "--fail", "--request", "PUT", &bucket])).is_some() {
            return Ok(server);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("the server does not answer at {url}")
}
