//! What is done in the browser, and how long it takes by the page's own clock.

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::chromium::{Chromium, Session};
use crate::figures::Figure;
use crate::newcomer::first_lead_in_the_window;
use crate::processes::{EMAIL, PASSWORD, TestRelay};
use crate::world::{World, contacts, join, web_client};

const STARTS: usize = 7;
const EDITS: usize = 60;
const REPORT_ROUNDS: usize = 5;
const SEARCHES: usize = 30;
const IMPORTED: usize = 10_000;
const REPORTS: [&str; 7] = ["pipeline", "won", "sources", "forecast", "leaderboard", "conversion", "hygiene"];

/// What the scripts share: waiting for something without adding more than a moment, finding controls by name.
const TOOLS: &str = "
    const until = async (is_true) => {
        const end = performance.now() + 100_000;
        while (!is_true()) {
            if (performance.now() > end) throw new Error('waited in vain for ' + is_true);
            await new Promise((resolve) => setTimeout(resolve, 1));
        }
        return performance.now();
    };
    const mirror = () => document.getElementById('mirror');
    const named = (name) => [...mirror().querySelectorAll('[tabindex]')].find((found) => found.getAttribute('aria-label') === name);
    const says = (words) => mirror().innerHTML.includes(words);
    const set = (field, text) => {
        field.value = text;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    const enter = (field) => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    const frame = () => new Promise((resolve) => (window.plainFrame ?? requestAnimationFrame)(resolve));
";

async fn run(browser: &Session, body: &str) -> Json {
    browser.script(&format!("{TOOLS} {body}")).await
}

async fn samples(browser: &Session, body: &str) -> Vec<f64> {
    let found = run(browser, body).await;
    found.as_array().unwrap().iter().map(|sample| sample.as_f64().unwrap()).collect()
}

/// From the first launch to the first lead: the window by its keyboard, the browser by its mirror.
pub(crate) async fn newcomers() -> Vec<Figure> {
    let folder = TempDir::new().unwrap();
    let profile = folder.path().join("newcomer");
    let window = tokio::task::spawn_blocking(move || first_lead_in_the_window(&profile)).await.unwrap();
    let mut relay = TestRelay::new(folder.path(), Some(web_client()));
    relay.start();
    let chromium = Chromium::new();
    let begun = now();
    let browser = chromium.open(&relay.url()).await;
    browser.wait_for_name("Email").await;
    browser.type_into("Email", EMAIL).await;
    browser.type_into("Password", PASSWORD).await;
    browser.press_named("Sign in").await;
    browser.press_named("New").await;
    browser.press_named("New lead").await;
    browser.fill("Title", "Acme website 12k").await;
    browser.wait_for_name("Created lead").await;
    let in_browser = begun.elapsed();
    browser.quit().await;
    let millis = |took: std::time::Duration| [took.as_secs_f64() * 1_000.0];
    vec![
        Figure::new("first_lead_native", &millis(window), 50, 20_000.0, "Xvfb, by keyboard, 120 ms between keys"),
        Figure::new(
            "first_lead_browser",
            &millis(in_browser),
            50,
            30_000.0,
            "with starting the browser, by the mirror",
        ),
    ]
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// From opening the address to the first frame that shows cards.
pub(crate) async fn warm_start(world: &World, leads: usize, bar: f64) -> Figure {
    let address = format!("{}/pipeline", world.relay.url());
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        world.browser.open_address(&address).await;
        let visible = run(&world.browser, "return await until(() => /Deal [0-9]/.test(mirror().innerHTML));").await;
        starts.push(visible.as_f64().unwrap());
    }
    Figure::new(
        format!("pipeline_visible_{leads}_leads"),
        &starts,
        95,
        bar,
        "since the navigation began, service worker warm",
    )
}

/// What a frame costs the page's thread, and how far apart frames are, while the board moves.
pub(crate) async fn frames(world: &World) -> Vec<Figure> {
    let browser = &world.browser;
    browser.open_address(&format!("{}/pipeline", world.relay.url())).await;
    run(browser, "await until(() => /Deal [0-9]/.test(mirror().innerHTML));").await;
    let watch = "
        window.plainFrame ??= window.requestAnimationFrame.bind(window);
        window.took = []; window.begun = [];
        window.requestAnimationFrame = (draw) => window.plainFrame((time) => {
            const begun = performance.now();
            draw(time);
            const took = performance.now() - begun;
            if (took > 0.3) { window.took.push(took); window.begun.push(begun); }
        });";
    let apart = "window.begun.slice(1).map((begun, index) => begun - window.begun[index])";
    let scroll = format!(
        "{watch}
         await frame(); await frame();
         window.took = []; window.begun = [];
         const canvas = document.getElementById('canvas');
         const wheel = (by) => canvas.dispatchEvent(new WheelEvent('wheel', {{ deltaY: by, clientX: 420, clientY: 500, bubbles: true, cancelable: true }}));
         for (let step = 0; step < 240; step++) {{ wheel(step < 180 ? 240 : -240); await frame(); }}
         return [window.took, {apart}];"
    );
    let scrolled = run(browser, &scroll).await;
    run(browser, "window.took = []; window.begun = [];").await;
    let card = "[...document.querySelectorAll('#mirror [role=listitem], #mirror [role=button]')].find((found) => /^Deal [0-9]/.test(found.getAttribute('aria-label') ?? found.textContent))";
    for by in [[280, 30], [-20, 60], [560, 10]] {
        browser.drag(card, by).await;
    }
    let dragged = run(browser, &format!("return [window.took, {apart}];")).await;
    let numbers = |of: &Json, which: usize| -> Vec<f64> {
        of[which].as_array().unwrap().iter().map(|sample| sample.as_f64().unwrap()).collect()
    };
    let thread = "the page's thread: input, layout, tessellation, the mirror, GL calls";
    let between = "from frame to frame, SwiftShader painting on the same two cores";
    vec![
        Figure::new("frame_scrolling_10000_cards", &numbers(&scrolled, 0), 95, 16.0, thread),
        Figure::new("frame_to_frame_scrolling", &numbers(&scrolled, 1), 95, 16.7, between),
        Figure::new("frame_dragging_10000_cards", &numbers(&dragged, 0), 95, 16.0, thread),
    ]
}

async fn a_lead(browser: &Session) -> String {
    let found = browser.verb(json!({ "verb": "list", "kind": "lead", "q": "Deal 4711" })).await;
    found[0]["id"].as_str().unwrap().to_owned()
}

/// An edit until the page shows it, and until it is on the disk.
pub(crate) async fn edits(world: &World) -> Vec<Figure> {
    let browser = &world.browser;
    let id = a_lead(browser).await;
    browser.open_address(&format!("{}/leads/{id}", world.relay.url())).await;
    browser.wait_for_name("Title").await;
    let shown = samples(
        browser,
        &format!(
            "const took = [];
             for (let edit = 0; edit < {EDITS}; edit++) {{
                 await frame(); await frame();
                 const field = named('Title');
                 field.focus();
                 set(field, 'Deal 4711 for the ' + edit + 'th time');
                 await frame(); await frame(); await frame();
                 const begun = performance.now();
                 enter(field);
                 took.push(await until(() => document.title.includes(' ' + edit + 'th')) - begun);
             }}
             return took;"
        ),
    )
    .await;
    let durable = samples(
        browser,
        &format!(
            "const took = [];
             for (let edit = 0; edit < {EDITS}; edit++) {{
                 const begun = performance.now();
                 await window.trailtrack.request(JSON.stringify({{ verb: 'set', kind: 'lead', id: '{id}', fields: {{ value_cents: String(1000 + edit) }} }}));
                 took.push(performance.now() - begun);
             }}
             return took;"
        ),
    )
    .await;
    vec![
        Figure::new(
            "edit_on_screen",
            &shown,
            95,
            16.7,
            "from Enter in a field to the frame whose title shows it; bar: one frame",
        ),
        Figure::new(
            "edit_durable",
            &durable,
            95,
            150.0,
            "from the page's request to the answer after FULL sync on OPFS",
        ),
    ]
}

/// Every report, asked for by the page.
pub(crate) async fn reports(world: &World) -> Vec<Figure> {
    let mut figures = Vec::new();
    for name in REPORTS {
        let took = samples(
            &world.browser,
            &format!(
                "const took = [];
                 for (let round = 0; round < {REPORT_ROUNDS}; round++) {{
                     const begun = performance.now();
                     await window.trailtrack.request(JSON.stringify({{ verb: 'report', name: '{name}' }}));
                     took.push(performance.now() - begun);
                 }}
                 return took;"
            ),
        )
        .await;
        figures.push(Figure::new(
            format!("report_{name}_10000_leads"),
            &took,
            95,
            120.0,
            "question to JSON, in the worker",
        ));
    }
    figures
}

/// An edit in this browser until another browser shows it, through the relay.
pub(crate) async fn live(world: &World) -> Figure {
    let other = Chromium::new();
    let browser = &world.browser;
    let id = a_lead(browser).await;
    let theirs = other.open(&world.relay.url()).await;
    join(&theirs, &world.relay.url()).await;
    theirs.open_address(&format!("{}/leads/{id}", world.relay.url())).await;
    theirs.wait_for_name("Title").await;
    let watch = "
        window.seen = [];
        new MutationObserver(() => window.seen.push([document.title, performance.timeOrigin + performance.now()]))
            .observe(document.querySelector('title'), { childList: true, characterData: true, subtree: true });";
    run(&theirs, watch).await;
    let sent = run(
        browser,
        &format!(
            "const sent = [];
             for (let edit = 0; edit < {EDITS}; edit++) {{
                 const begun = performance.timeOrigin + performance.now();
                 await window.trailtrack.request(JSON.stringify({{ verb: 'set', kind: 'lead', id: '{id}', fields: {{ title: 'Live ' + edit + '.' }} }}));
                 sent.push(begun);
                 await new Promise((resolve) => setTimeout(resolve, 120));
             }}
             return sent;"
        ),
    )
    .await;
    theirs.wait_until(&format!("document.title.startsWith('Live {}.')", EDITS - 1)).await;
    let seen = run(&theirs, "return window.seen;").await;
    let mut took = Vec::new();
    for (edit, begun) in sent.as_array().unwrap().iter().enumerate() {
        let start = format!("Live {edit}.");
        let shown = seen.as_array().unwrap().iter().find(|seen| seen[0].as_str().unwrap().starts_with(&start));
        took.extend(shown.map(|shown| shown[1].as_f64().unwrap() - begun.as_f64().unwrap()));
    }
    theirs.quit().await;
    Figure::new(
        "edit_seen_on_b",
        &took,
        50,
        20.0,
        "p50 (p99 has a bar of 50 ms), two browsers drawing on two cores, FULL sync on all three",
    )
}

/// A file dropped on the page: preview and import.
pub(crate) async fn import(world: &World) -> Vec<Figure> {
    let browser = &world.browser;
    browser.open_address(&format!("{}/import", world.relay.url())).await;
    browser.wait_for_name("Search").await;
    let took = samples(
        browser,
        &format!(
            "const files = new DataTransfer();
             files.items.add(new File([{}], 'contacts.csv', {{ type: 'text/csv' }}));
             document.getElementById('canvas').dispatchEvent(new DragEvent('drop', {{ dataTransfer: files, bubbles: true, cancelable: true }}));
             await until(() => named('Preview'));
             const first = performance.now();
             named('Preview').click();
             const previewed = await until(() => says('What will happen'));
             named('Import').click();
             const imported = await until(() => named('Undo import'));
             return [previewed - first, imported - previewed];",
            json!(contacts(IMPORTED))
        ),
    )
    .await;
    vec![
        Figure::new("import_10000_dry_run", &took[..1], 50, 3_000.0, "from the button to the preview"),
        Figure::new("import_10000_commit", &took[1..], 50, 15_000.0, "from the button to the end, all on the disk"),
    ]
}

/// Words typed into the search over everything, until what they mean is shown.
pub(crate) async fn search(world: &World) -> Figure {
    let browser = &world.browser;
    browser.open_address(&format!("{}/contacts", world.relay.url())).await;
    browser.press_named("Search").await;
    browser.wait_for_name("Search everything").await;
    let took = samples(
        browser,
        &format!(
            "const took = [];
             for (let word = 0; word <= {SEARCHES}; word++) {{
                 const number = 10007 + word * 2741;
                 const begun = performance.now();
                 set(named('Search everything'), 'last' + number);
                 const shown = await until(() => says('Last' + number));
                 if (word > 0) took.push(shown - begun);
                 await frame(); await frame();
             }}
             return took;"
        ),
    )
    .await;
    Figure::new(
        "search_keystroke_100000_records",
        &took,
        95,
        60.0,
        "from the letter in the field to the frame that shows the hit; the first word, which reads the corpus, is left out",
    )
}
