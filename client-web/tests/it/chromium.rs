//! A Chromium with a profile of its own, driven through chromedriver.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction, TouchActions};
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// The longest wait for anything, on a machine that is busy.
const PATIENCE_MILLIS: u32 = 60_000;
/// Pictures are kept here when this variable names a folder.
const PICTURES_VARIABLE: &str = "TRAILTRACK_PICTURES";

/// A driver that ends with its browsers as soon as nobody holds the other end of its input any more: when a test has
/// passed, failed, or was killed itself.
const WATCHED: &str = "chromedriver --port=0 & read -r _; kill -KILL 0";

/// Chromium with software WebGL, and without everything that calls home.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--window-size=1280,800",
];

/// A browser's profile, and the driver that starts browsers with it.
pub(crate) struct Chromium {
    driver: Child,
    driver_url: String,
    pub(crate) profile: TempDir,
}

impl Chromium {
    /// Starts a driver, with an empty profile.
    pub(crate) fn new() -> Self {
        let mut driver = Command::new("sh")
            .args(["-c", WATCHED])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split("successfully on port ").nth(1)?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let driver_url = format!(
            "http://127.0.0.1:{}",
            port.expect("`cargo xtask test` installs chromium-driver, and it says its port")
        );
        Self { driver, driver_url, profile: TempDir::new().unwrap() }
    }

    /// Starts a browser at an address and waits until the app runs.
    pub(crate) async fn open(&self, url: &str) -> Session {
        self.open_with(url, json!({})).await
    }

    /// Starts a browser that believes to be a phone with a touch screen. Its pixels are those of the machine, for
    /// Chromium tells the canvas their true size.
    pub(crate) async fn open_phone(&self, url: &str) -> Session {
        let metrics = json!({ "width": 360, "height": 740, "pixelRatio": 1, "touch": true, "mobile": true });
        self.open_with(url, json!({ "mobileEmulation": { "deviceMetrics": metrics } })).await
    }

    async fn open_with(&self, url: &str, mut options: Json) -> Session {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        options["args"] = ARGUMENTS.iter().copied().chain([profile.as_str()]).collect();
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        capabilities
            .insert("timeouts".to_owned(), json!({ "script": 2 * PATIENCE_MILLIS, "pageLoad": PATIENCE_MILLIS }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&self.driver_url).await.unwrap();
        let session = Session { client };
        session.open_address(url).await;
        session
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The shell ends with its whole group when this end of its input goes.
        drop(self.driver.stdin.take());
        self.driver.wait().ok();
    }
}

/// A running browser.
pub(crate) struct Session {
    client: Client,
}

impl Session {
    /// Asks the app what scripts may ask, and returns `json` or `error`.
    pub(crate) async fn ask(&self, verb: Json) -> Json {
        let script = "const [verb, done] = arguments;
            window.trailtrack.request(verb).then((json) => done({ json }), (error) => done({ error: error.message }));";
        self.client.execute_async(script, vec![json!(verb.to_string())]).await.unwrap()
    }

    /// Asks the app what scripts may ask; it must be done.
    pub(crate) async fn verb(&self, verb: Json) -> Json {
        let answer = self.ask(verb.clone()).await;
        let json = answer["json"].as_str().unwrap_or_else(|| panic!("{verb}: {}", answer["error"]));
        serde_json::from_str(json).unwrap()
    }

    /// Runs the body of an asynchronous JavaScript function and returns what it returns.
    pub(crate) async fn script(&self, body: &str) -> Json {
        let script = format!(
            "const done = arguments[0];
             (async () => {{ {body} }})().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let answer = self.client.execute_async(&script, Vec::new()).await.unwrap();
        assert!(answer["error"].is_null(), "{}", answer["error"]);
        answer["value"].clone()
    }

    /// Waits until a JavaScript expression is true.
    pub(crate) async fn wait_until(&self, expression: &str) {
        let script = format!(
            "const [patience, done] = arguments;
             const end = performance.now() + patience;
             const look = () => ({expression}) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 50);
             look();"
        );
        let came_true = self.client.execute_async(&script, vec![json!(PATIENCE_MILLIS)]).await.unwrap();
        if came_true != json!(true) {
            self.picture("failure").await;
            panic!("{expression} did not come true; the mirror shows\n{}", self.mirror().await);
        }
    }

    /// Waits until the mirror has something of this name.
    pub(crate) async fn wait_for_name(&self, name: &str) {
        self.wait_until(&format!("{} !== undefined", named(name))).await;
    }

    /// Waits until the field of this name holds a value.
    pub(crate) async fn wait_for_value(&self, name: &str, value: &str) {
        self.wait_until(&format!("{}?.value === {}", control(name), json!(value))).await;
    }

    /// Fills the field of this name as a password manager does, and presses Enter in it.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        self.wait_until(&format!("{} !== undefined", control(name))).await;
        let script = format!(
            "const field = {};
             field.focus();
             field.value = arguments[0];
             field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));
             field.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter', bubbles: true, cancelable: true }}));",
            control(name)
        );
        self.client.execute(&script, vec![json!(text)]).await.unwrap();
    }

    /// Does with the control of this name what assistive technology does.
    pub(crate) async fn press_named(&self, name: &str) {
        let control = control(name);
        self.wait_until(&format!("{control} !== undefined")).await;
        self.client.execute(&format!("{control}.click()"), Vec::new()).await.unwrap();
    }

    /// Fills the field of this name as a password manager does.
    pub(crate) async fn type_into(&self, name: &str, text: &str) {
        let script = format!(
            "const field = {};
             field.focus();
             field.value = arguments[0];
             field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));",
            control(name)
        );
        self.client.execute(&script, vec![json!(text)]).await.unwrap();
        self.wait_for_value(name, text).await;
    }

    /// Taps what a JavaScript expression finds in the mirror with a real finger.
    pub(crate) async fn tap(&self, expression: &str) {
        self.wait_until(&format!("{expression} !== undefined")).await;
        let script = format!(
            "const at = ({expression}).getBoundingClientRect();
             return [at.left + at.width / 2, at.top + at.height / 2];"
        );
        let at = self.client.execute(&script, Vec::new()).await.unwrap();
        let [x, y] = [0, 1].map(|axis| at[axis].as_f64().unwrap());
        let finger = TouchActions::new("finger".to_owned())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Pause { duration: std::time::Duration::from_millis(60) })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(finger).await.unwrap();
    }

    /// Taps the control of this name.
    pub(crate) async fn tap_named(&self, name: &str) {
        self.tap(&control(name)).await;
    }

    /// Drags what a JavaScript expression finds in the mirror by so many pixels, with a real pointer.
    pub(crate) async fn drag(&self, expression: &str, by: [i64; 2]) {
        let script = format!(
            "const at = ({expression}).getBoundingClientRect();
             return [at.left + at.width / 2, at.top + at.height / 2];"
        );
        let at = self.client.execute(&script, Vec::new()).await.unwrap();
        let [x, y] = [0, 1].map(|axis| at[axis].as_f64().unwrap());
        let pause = Some(std::time::Duration::from_millis(40));
        let to = |share: f64| PointerAction::MoveTo {
            duration: pause,
            x: x + share * by[0] as f64,
            y: y + share * by[1] as f64,
        };
        let mut pointer = MouseActions::new("mouse".to_owned()).then(to(0.0));
        pointer = pointer.then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        for step in 1..=10 {
            pointer = pointer.then(to(f64::from(step) / 10.0));
        }
        pointer = pointer.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(pointer).await.unwrap();
    }

    /// Runs axe-core over the page and returns its findings.
    pub(crate) async fn audit(&self, axe: &str) -> Json {
        self.client.execute(&format!("{axe}; window.axe = axe;"), Vec::new()).await.unwrap();
        let script = "const [done] = arguments;
            axe.run(document, { resultTypes: ['violations', 'passes'] }).then(done, (error) => done({ error: error.message }));";
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    /// What the mirror shows, as HTML.
    pub(crate) async fn mirror(&self) -> String {
        let html = self.client.execute("return document.getElementById('mirror')?.innerHTML ?? ''", Vec::new()).await;
        html.ok().and_then(|html| html.as_str().map(ToOwned::to_owned)).unwrap_or_default()
    }

    /// Goes to an address and waits until the app runs there.
    pub(crate) async fn open_address(&self, url: &str) {
        self.client.goto(url).await.unwrap();
        self.wait_until("window.trailtrack !== undefined").await;
    }

    /// Loads the page again.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
        self.wait_until("window.trailtrack !== undefined").await;
    }

    /// Goes back in the history.
    pub(crate) async fn back(&self) {
        self.client.back().await.unwrap();
    }

    /// The tab in use.
    pub(crate) async fn tab(&self) -> WindowHandle {
        self.client.window().await.unwrap()
    }

    /// Opens another tab at an address and goes to it.
    pub(crate) async fn open_tab(&self, url: &str) {
        let tab = self.client.new_window(true).await.unwrap().handle;
        self.client.switch_to_window(tab).await.unwrap();
        self.open_address(url).await;
    }

    /// Goes to a tab.
    pub(crate) async fn go_to_tab(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.unwrap();
    }

    /// Closes another tab and stays in this one.
    pub(crate) async fn close_tab(&self, tab: &WindowHandle) {
        let here = self.tab().await;
        self.client.switch_to_window(tab.clone()).await.unwrap();
        self.client.close_window().await.unwrap();
        self.client.switch_to_window(here).await.unwrap();
    }

    /// Keeps a picture of the page for people to look at, where they asked for it.
    pub(crate) async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os(PICTURES_VARIABLE) else { return };
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }

    /// Ends the browser; its profile stays.
    pub(crate) async fn quit(self) {
        self.client.close().await.unwrap();
    }
}

/// JavaScript for the control of this name.
fn named(name: &str) -> String {
    let name = json!(name);
    format!(
        "[...document.querySelectorAll('#mirror *')].find((element) => \
         element.getAttribute('aria-label') === {name} || element.textContent === {name})"
    )
}

/// JavaScript for what can be used of this name; words that say the same are passed over.
fn control(name: &str) -> String {
    format!(
        "[...document.querySelectorAll('#mirror [tabindex]')].find((element) => \
         element.getAttribute('aria-label') === {})",
        json!(name)
    )
}
