//! Tests that need a browser: layout, keyboard, accessibility. They need Debian's `chromium` and
//! `chromium-driver`, which `bin/test` installs; skip with `bin/test --skip browser::`.

mod admin;
mod ahead;
mod console;
mod deployment;
mod layout;
mod posters;
mod remembered;
mod suggestions;
mod visit;

use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::TestApp;

/// One of each kind of page: its name, its address, and what must be on it for a test of the page to
/// mean anything.
const PAGES: [(&str, &str, &[&str]); 16] = [
    ("home", "/", &[".feature svg", "#newest-12 .mark--list", ".chips-large a"]),
    ("films", "/movies", &["#films-24 .card svg", "#films-24 .mark--seen", ".filter", ".pager"]),
    ("narrowed", "/movies?tag=drama&decade=1950s", &["#films-1 .card", ".chosen a", ".filter"]),
    (
        "table",
        "/movies/tags/drama?view=table",
        &["tbody tr[data-movie]", "thead a", ".neighbours a"],
    ),
    ("values", "/movies/by/country?tag=drama", &[".offers li a"]),
    ("film", "/movies/rashomon-1950", FILM),
    ("directors", "/directors?letter=k", &["[data-director] a", ".initials [aria-current]"]),
    ("director", "/directors/akira-kurosawa", &[".career svg", ".career td", "[data-movie] svg"]),
    ("tags", "/tags", &[".chips-large a", ".index a"]),
    (
        "search",
        "/search?q=kurosawa",
        &["[data-director] mark", ".result svg", ".result .mark--list"],
    ),
    (
        "preferences",
        "/preferences?saved",
        &["select", "input:checked", "form button", "main [role=status]"],
    ),
    ("about", "/about", &["tbody tr", "main code"]),
    ("watchlist", "/watchlist", &["main .lead", ".ways a"]),
    ("seen", "/seen?view=table", &["main .lead", ".ways a"]),
    ("you", "/you", &[".you section", "input[type=file]"]),
    ("error", "/nope", &["main .eyebrow", ".ways a"]),
];

const FILM: &[&str] = &[
    ".film__poster svg",
    ".film__by a",
    ".film__marks .star",
    ".facts dd",
    ".film__synopsis",
    ".film .chips a",
    "nav [rel=next], nav [rel=prev]",
    "#related-1 .mark--list",
];

#[actix_web::test]
async fn pages_have_no_accessibility_violation_in_either_theme() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    for theme in ["light", "dark"] {
        browser.prefer(theme).await;
        for (_, path, parts) in PAGES {
            browser.goto_with(&app, path, parts).await;
            assert_eq!(browser.violations().await, [""; 0], "{path} {theme}");
        }
    }
    browser.close().await;
}

#[actix_web::test]
async fn pages_fit_320_pixels() {
    let app = TestApp::with_demo().await;
    app.import(&format!(
        "{{\"title\":\"{}\",\"year\":2030,\"directors\":[\"{}\"],\"tags\":[\"{}\"]}}",
        "An Unreasonably Long Title That Goes On ".repeat(3),
        "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerk",
        "Rindfleischetikettierungsueberwachungsaufgabe"
    ))
    .await
    .unwrap();
    let long = app.get("/movies?per=6").await.attributes("a.poster", "href").remove(0);
    let browser = Browser::open().await;
    browser.resize(320, 800).await;
    let long = ("long", long.as_str(), &[".film__poster", ".film__by a", ".film__marks .star"][..]);
    for (_, path, parts) in PAGES.into_iter().chain([long]) {
        browser.goto_with(&app, path, parts).await;
        let excess = "return document.documentElement.scrollWidth - window.innerWidth";
        let excess = browser.run(excess).await.as_i64().unwrap();
        assert!(excess <= 0, "{path} is {excess} px too wide");
    }
    browser.close().await;
}

#[actix_web::test]
async fn links_and_fields_are_focusable_with_visible_focus() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    for path in ["/movies?per=6", "/movies/rashomon-1950", "/directors/agnes-varda", "/preferences"]
    {
        browser.goto(&app, path).await;
        // Collapsed parts can be reached once expanded; of one name, one is open at a time.
        let wanted = "for (const part of document.querySelectorAll('details')) {
                part.removeAttribute('name'); part.open = true; }
            return [...document.querySelectorAll(`a[href], button, select, summary,
                input:not([type=hidden], [type=radio]), input:checked`)]
                .filter((one) => one.checkVisibility()).length";
        let wanted = browser.run(wanted).await.as_i64().unwrap();
        let mut reached = 0;
        loop {
            browser.press(Key::Tab).await;
            let here = browser
                .run(
                    "const e = document.activeElement; if (e === document.body) return null;
                     if (e.dataset.seen) return null; e.dataset.seen = 1;
                     const style = getComputedStyle(e); const box = e.getBoundingClientRect();
                     return [e.outerHTML.slice(0, 80), style.outlineStyle, parseFloat(style.outlineWidth),
                             box.width, box.height, box.bottom > 0 && box.top < innerHeight]",
                )
                .await;
            if here.is_null() {
                break;
            }
            let name = &here[0];
            assert_eq!(here[1], "solid", "{path}: {name} shows no focus");
            assert!(here[2].as_f64().unwrap() >= 2.0, "{path}: {name} shows a thin focus");
            assert_eq!(here[5], true, "{path}: {name} is focused out of sight");
            if reached == 0 {
                assert!(name.as_str().unwrap().contains("skip-link"), "{path}: {name} comes first");
            }
            reached += 1;
        }
        assert_eq!(reached, wanted, "{path}");
    }
    browser.close().await;
}

#[actix_web::test]
async fn page_size_and_theme_can_be_set_by_keyboard() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.goto(&app, "/preferences").await;
    browser.focus("#per_page").await;
    // The next size after 24.
    browser.press(Key::Down).await;
    browser.focus("[name=theme]:checked").await;
    browser.press(Key::Up).await;
    browser.press(Key::Enter).await;
    browser.wait_for("main [role=status]").await;
    assert_eq!(browser.run("return document.documentElement.dataset.theme").await, "dark");
    let ground = browser.run("return getComputedStyle(document.body).backgroundColor").await;
    assert_eq!(ground, "rgb(20, 23, 27)");
    browser.goto(&app, "/movies").await;
    let films = "return document.querySelectorAll('[data-movie]').length";
    assert_eq!(browser.run(films).await, 48);
    browser.close().await;
}

#[actix_web::test]
async fn pages_load_nothing_from_other_hosts_or_inline() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    for (_, path, parts) in PAGES {
        browser.goto_with(&app, path, parts).await;
        let asked = "return performance.getEntriesByType('resource').map((entry) => entry.name)";
        for url in browser.run(asked).await.as_array().unwrap() {
            assert!(url.as_str().unwrap().starts_with(&app.address), "{path} asks {url}");
        }
        let inline = "return document.querySelectorAll(
            '[style], style, script:not([src], [type$=json])').length";
        assert_eq!(browser.run(inline).await, 0, "{path}");
    }
    browser.close().await;
}

#[actix_web::test]
async fn film_prints_on_one_sheet() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    for path in ["/movies/rashomon-1950", "/movies/seven-samurai-1954"] {
        browser.goto_with(&app, path, FILM).await;
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
        let shown =
            "return ['.film__poster', 'h1', '.film__by', '.facts', '.film__synopsis'].filter(
            (selector) => !document.querySelector(selector).checkVisibility())";
        assert_eq!(browser.run(shown).await, json!([]), "{path}: missing on paper");
        let printed = browser.devtools("Page.printToPDF", json!({})).await;
        let pdf = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
        let sheets = String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count();
        assert_eq!(sheets, 1, "{path}");
    }
    browser.close().await;
}

/// Pictures for the README and for eyes: `target/screenshots`, and with `MARQUEE_SCREENSHOTS=docs`
/// anew in `docs/`.
#[actix_web::test]
async fn screenshots_are_taken() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    let folder = std::env::var("MARQUEE_SCREENSHOTS").unwrap_or("target/screenshots".into());
    std::fs::create_dir_all(&folder).unwrap();
    for theme in ["light", "dark"] {
        browser.prefer(theme).await;
        for width in [320, 768, 1440] {
            browser.resize(width, 1000).await;
            for (name, path, parts) in PAGES {
                browser.goto_with(&app, path, parts).await;
                let picture = browser.tab.screenshot().await.unwrap();
                assert!(picture.len() > 5_000, "{name} is blank");
                if folder != "docs" || (width == 1440 && ["home", "films", "film"].contains(&name))
                {
                    let file = format!("{name}-{width}-{theme}.png");
                    std::fs::write(Path::new(&folder).join(file), picture).unwrap();
                }
            }
        }
    }
    browser.close().await;
}

struct Browser {
    tab: Client,
    _driver: Child,
}

impl Browser {
    async fn open() -> Self {
        // It ends at once when another one took the port that it had just found free.
        let (driver, port) = loop {
            if let Some(started) = Self::start_driver().await {
                break started;
            }
        };
        // The pipe makes Chromium end with its driver, also when a test panics.
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--remote-debugging-pipe",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            "--window-size=1440,1000",
        ];
        let options = json!({
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let capabilities: Capabilities = serde_json::from_value(options).unwrap();
        let tab = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { tab, _driver: driver }
    }

    async fn start_driver() -> Option<(Child, String)> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("apt-get install chromium chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return Some((driver, port.trim_end_matches('.').to_owned()));
            }
        }
        None
    }

    async fn close(self) {
        self.tab.close().await.unwrap();
    }

    async fn goto(&self, app: &TestApp, path: &str) {
        self.tab.goto(&format!("{}{path}", app.address)).await.unwrap();
    }

    /// Fails when the page lacks one of `parts`, which are selectors.
    async fn goto_with(&self, app: &TestApp, path: &str, parts: &[&str]) {
        self.goto(app, path).await;
        let missing = format!(
            "return {}.filter((selector) => !document.querySelector(selector))",
            json!(parts)
        );
        assert_eq!(self.run(&missing).await, json!([]), "{path} lacks these");
    }

    async fn run(&self, script: &str) -> Value {
        self.tab.execute(script, vec![]).await.unwrap()
    }

    async fn press(&self, key: Key) {
        let keys = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: key.into() })
            .then(KeyAction::Up { value: key.into() });
        self.tab.perform_actions(keys).await.unwrap();
    }

    async fn focus(&self, selector: &str) {
        self.run(&format!("document.querySelector('{selector}').focus()")).await;
    }

    async fn wait_for(&self, selector: &str) {
        self.tab.wait().for_element(Locator::Css(selector)).await.unwrap();
    }

    /// The size of the page itself, also below what a window may be.
    async fn resize(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// As if the device were set to this theme.
    async fn prefer(&self, theme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    async fn devtools(&self, command: &str, params: Value) -> Value {
        let command = DevTools { command: command.to_owned(), params };
        self.tab.issue_cmd(command).await.unwrap()
    }

    async fn violations(&self) -> Vec<String> {
        self.tab.execute(include_str!("vendor/axe.min.js"), vec![]).await.unwrap();
        let script = "const done = arguments[0];
            axe.run().then(({ violations }) => done(violations.map(
                ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`)));";
        let found = self.tab.execute_async(script, vec![]).await.unwrap();
        serde_json::from_value(found).unwrap()
    }
}

/// chromedriver's way to Chromium's own commands.
#[derive(Debug)]
struct DevTools {
    command: String,
    params: Value,
}

impl fantoccini::wd::WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.params });
        (http::Method::POST, Some(body.to_string()))
    }
}
