//! A visitor's lists: upload and download, and the pages that show them.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Browser;
use crate::support::TestApp;

/// A list as Letterboxd writes it, with two lines that no catalogue knows.
const LETTERBOXD: &str = "Date,Name,Year,Letterboxd URI\n\
    2024-01-02,Rashomon,1950,https://boxd.it/1\n\
    2024-01-03,Seven Samurai,1954,https://boxd.it/2\n\
    2024-01-04,Metropolis,1927,https://boxd.it/3\n\
    2024-01-05,Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft,1999,x\n\
    2024-01-06,No Such Film,,x\n";

/// Ratings as IMDb writes them.
const IMDB: &str = "Const,Your Rating,Date Rated,Title,Title Type,Year\n\
    tt0000001,9,2020-05-06,Ikiru,Movie,1952\n\
    tt0000002,4,2020-05-07,Tokyo Story,Movie,1953\n";

impl Browser {
    /// Chooses a file in the form for it, says by keyboard what it is, and sends it.
    async fn bring(&self, app: &TestApp, name: &str, text: &str, seen: bool) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        self.goto(app, "/you").await;
        let file = self.tab.find(Locator::Css("#file")).await.unwrap();
        file.send_keys(path.to_str().unwrap()).await.unwrap();
        self.focus("[name=list]:checked").await;
        if seen {
            self.press(Key::Down).await;
        }
        self.activate("form[action=\"/you/import\"] button").await;
        self.wait_for(".you > .message").await;
    }

    /// Leaves marks of every kind, and has films that were seen hidden.
    async fn gather(&self, app: &TestApp) {
        self.bring(app, "list.csv", LETTERBOXD, false).await;
        self.bring(app, "ratings.csv", IMDB, true).await;
        for film in ["rashomon-1950", "ikiru-1952", "metropolis-1927"] {
            self.goto(app, &format!("/movies/{film}")).await;
        }
        self.goto(app, "/preferences").await;
        self.focus("[name=seen_films]:checked").await;
        self.press(Key::Up).await;
        self.press(Key::Enter).await;
        self.wait_for("[name=seen_films][value=hide]:checked").await;
    }

    /// Accessible, and no wider than the smallest screen.
    async fn is_sound(&self, page: &str) {
        self.resize(1440, 1000).await;
        assert_eq!(self.violations().await, [""; 0], "{page}");
        self.resize(320, 800).await;
        let excess = "return document.documentElement.scrollWidth - window.innerWidth";
        let excess = self.run(excess).await.as_i64().unwrap();
        assert!(excess <= 0, "{page} is {excess} px too wide");
    }

    /// The text of every element that matches.
    async fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll({selector:?})].map((one) => one.innerText.trim())"
        );
        serde_json::from_value(self.run(&script).await).unwrap()
    }
}

fn count(session: &Value, kind: &str) -> usize {
    session.as_object().unwrap().keys().filter(|key| key.starts_with(kind)).count()
}

#[actix_web::test]
async fn letterboxd_imdb_and_export_files_can_be_uploaded() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.bring(&app, "watchlist.csv", LETTERBOXD, false).await;
    assert_eq!(
        browser.texts(".message li").await,
        ["3 films added to your watchlist.", "2 films not in the catalogue."]
    );
    browser
        .run("for (const lines of document.querySelectorAll('details')) lines.open = true")
        .await;
    let lines = browser.texts("td").await;
    assert_eq!((lines.len(), lines[1].as_str()), (4, "5"), "{lines:?}");
    assert!(lines[2].starts_with("No Such Film"), "{lines:?}");
    assert_eq!(count(&app.session().await, "listed:"), 3);
    assert_eq!(browser.texts("#watchlist-count").await, ["3"]);

    browser.bring(&app, "ratings.csv", IMDB, true).await;
    assert_eq!(browser.texts(".message li").await[0], "2 films marked as seen.");
    let session = app.session().await;
    assert_eq!((count(&session, "seen:"), count(&session, "rating:")), (2, 2));
    browser.goto(&app, "/movies/ikiru-1952").await;
    browser.wait_for(".film__marks .mark--seen[aria-pressed=true]").await;
    browser.wait_for(".star[value=\"4.5\"][aria-pressed=true]").await;

    let before = app.session().await;
    let export = "return fetch('/you/export.json').then((answer) => answer.text())";
    let export = browser.run(export).await;
    let export = export.as_str().unwrap();
    assert!(serde_json::from_str::<Value>(export).unwrap().is_object());
    browser.goto(&app, "/you").await;
    browser.activate("summary").await;
    browser.activate("form[action=\"/you/erase\"] button").await;
    browser.wait_for("main [role=status]").await;
    assert_eq!(app.count("sessions").await, 0);
    browser.bring(&app, "marquee.json", export, false).await;
    assert_eq!(app.session().await, before);
    browser.close().await;
}

#[actix_web::test]
async fn recommendations_follow_viewed_films_and_skip_known_ones() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    for film in ["rashomon-1950", "seven-samurai-1954", "ikiru-1952"] {
        browser.goto(&app, &format!("/movies/{film}")).await;
    }
    browser.goto(&app, "/").await;
    let for_you = "[id^=recommended-]";
    let films = browser.texts(&format!("{for_you} .poster__title")).await;
    assert_eq!(
        (films.len(), browser.texts(&format!("{for_you} .card__reason")).await.len()),
        (12, 12)
    );
    assert_eq!(browser.texts(".viewed__films a").await, ["Ikiru", "Seven Samurai", "Rashomon"]);

    // Pressed, it stays in its place to be taken back; the next page is without it.
    browser.activate("#recommended-2 .mark--list").await;
    browser.wait_for("#recommended-2 .mark--list[aria-pressed=true]").await;
    assert_eq!(browser.texts(&format!("{for_you} .poster__title")).await, films);
    browser.goto(&app, "/").await;
    let now = browser.texts(&format!("{for_you} .poster__title")).await;
    assert_eq!((now.len(), now.contains(&films[1])), (12, false), "{now:?}");

    browser.activate(".forget").await;
    browser.wait_for(".viewed__films li:nth-child(2):last-child").await;
    assert_eq!(browser.texts(".viewed__films a").await, ["Seven Samurai", "Rashomon"]);

    browser.goto(&app, "/you").await;
    browser.activate("[name=history][value=off]").await;
    browser.wait_for("[name=history][value=on]").await;
    browser.goto(&app, "/movies/metropolis-1927").await;
    browser.goto(&app, "/you").await;
    assert_eq!(browser.texts(".viewed__films a").await, ["Seven Samurai", "Rashomon"]);
    browser.close().await;
}

#[actix_web::test]
async fn page_size_change_keeps_the_first_film_visible() {
    let app = TestApp::with_many_films(100).await;
    let browser = Browser::open().await;
    browser.goto(&app, "/movies?page=3").await;
    let first = browser.run("return document.querySelector('[data-movie]').dataset.movie").await;
    browser.tab_to("#per_page").await;
    browser.press(Key::Down).await;
    browser.activate(".controls button").await;
    browser.wait_for("[data-page-size=\"48\"]").await;
    let place = "const card = document.querySelector(':target [data-movie]');
        const { top, bottom } = card.getBoundingClientRect();
        return [card.dataset.movie, top >= 0 && bottom <= innerHeight]";
    assert_eq!(browser.run(place).await, json!([first, true]));
    browser.close().await;
}

#[actix_web::test]
async fn pages_full_of_marks_are_accessible_and_fit_in_either_theme() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.gather(&app).await;
    let pages: [(&str, &[&str]); 10] = [
        ("/", &["#recommended-1 .card__reason", ".viewed__films a", "#newest-1 .mark--list"]),
        (
            "/movies/decades/1950s?seen=show&per=96",
            &[".mark--seen[aria-pressed=true]", ".hidden-films a"],
        ),
        ("/movies?seen=show&view=table", &["tbody tr[data-movie]", ".hidden-films a"]),
        ("/movies/rashomon-1950", super::FILM),
        ("/watchlist", &["#films-3 .mark--list[aria-pressed=true]", ".list-head .muted"]),
        ("/watchlist?view=table", &["tbody tr[data-movie]"]),
        ("/seen", &["#films-2 .mark--seen[aria-pressed=true]"]),
        ("/seen?view=table", &["tbody tr[data-movie] .table__rating:not(:empty)"]),
        ("/you", &[".viewed__films a", ".you a[href='/watchlist']", "form[action='/you/erase']"]),
        ("/preferences", &["[name=seen_films][value=hide]:checked"]),
    ];
    for theme in ["light", "dark"] {
        browser.prefer(theme).await;
        for (path, parts) in pages {
            browser.goto_with(&app, path, parts).await;
            browser.is_sound(&format!("{path} {theme}")).await;
        }
        for (name, text) in [("list.csv", LETTERBOXD), ("text.csv", "no list")] {
            browser.bring(&app, name, text, false).await;
            browser.is_sound(&format!("the report on {name} {theme}")).await;
        }
    }
    browser.close().await;
}

#[actix_web::test]
async fn watchlist_prints_without_navigation_and_buttons() {
    let app = TestApp::with_demo().await;
    let browser = Browser::open().await;
    browser.bring(&app, "list.csv", LETTERBOXD, false).await;
    for path in ["/watchlist", "/watchlist?view=table"] {
        browser.goto(&app, path).await;
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
        let shown = "return ['nav', 'form', 'button', '.colophon', '.notice'].filter((selector) =>
            [...document.querySelectorAll(selector)].some((one) => one.checkVisibility()))";
        assert_eq!(browser.run(shown).await, json!([]), "{path}");
        assert_eq!(browser.texts("h1").await, ["Your watchlist"]);
        assert_eq!(browser.texts("main [data-movie] :is(th, .poster__title)").await.len(), 3);
        let ink = "return getComputedStyle(document.body).color";
        assert_eq!(browser.run(ink).await, "rgb(0, 0, 0)");
        let printed = browser.devtools("Page.printToPDF", json!({})).await;
        let pdf = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
        assert_eq!(String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count(), 1, "{path}");
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
    }
    browser.close().await;
}
