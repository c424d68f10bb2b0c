//! Kept pages show nothing of other visitors: what a visitor gets is what the visitor would get if
//! nobody else had ever come.

use super::routes::{Kind, ROUTES};
use super::{MOVIE_LISTS, films, with};
use crate::support::{Response, TestApp};

/// Visitors who differ in preferences, in marks, or in marks alone.
async fn visitors(app: &TestApp) -> Vec<(&'static str, TestApp)> {
    let mut visitors = Vec::new();
    for (name, preferences, marks) in [
        ("stranger", &[][..], &[][..]),
        ("hides 1", &[("seen_films", "hide")], &["film-1-1951/seen"]),
        ("hides 2 and 3", &[("seen_films", "hide")], &["film-2-1952/seen", "film-3-1953/seen"]),
        ("hides nothing yet", &[("seen_films", "hide")], &["film-1-1951/watchlist"]),
        ("marks 1", &[], &["film-1-1951/watchlist", "film-1-1951/seen"]),
        ("marks 2", &[], &["film-2-1952/watchlist", "film-2-1952/rating"]),
        ("fades 2", &[("seen_films", "fade")], &["film-2-1952/seen"]),
        ("dark table", &[("theme", "dark"), ("view", "table"), ("sort", "title")], &[]),
        ("small light", &[("theme", "light"), ("per_page", "6")], &["film-1-1951/seen"]),
    ] {
        let visitor = app.other_visitor();
        for mark in marks {
            visitor.post(&format!("/movies/{mark}"), &[("stars", "4")]).await;
        }
        // Recording would change the visitor with every page read.
        let form: Vec<(&str, &str)> =
            preferences.iter().copied().chain([("history", "off")]).collect();
        visitor.post("/preferences", &form).await;
        visitors.push((name, visitor));
    }
    visitors[1].1.post("/notices/no-account/dismiss", &[]).await;
    visitors
}

fn addresses() -> Vec<String> {
    let pages = ROUTES.iter().filter(|route| route.kind == Kind::Page).map(|route| route.address);
    // It says how often its reader came, and for how long that is kept.
    let pages = pages.filter(|page| *page != "/you");
    let more = ["/movies/film-2-1952", "/movies?per=6&page=2", "/directors?sort=films", "/nope"];
    let lists = MOVIE_LISTS.into_iter().map(|list| with(list, "sort=oldest"));
    pages.chain(more).chain(MOVIE_LISTS).map(str::to_owned).chain(lists).collect()
}

/// Removes the visit counter and the expiry of lists, which change by themselves.
fn steady(page: &Response) -> String {
    let changes = |line: &&str| !line.contains("num-visits") && !line.contains("is kept until");
    let lines: Vec<&str> = page.html.lines().filter(changes).collect();
    format!("{} {}", page.status, lines.join("\n"))
}

/// Makes every kept page old.
async fn forget_pages(app: &TestApp) {
    app.execute("UPDATE sources SET name = name").await;
}

#[actix_web::test]
async fn pages_do_not_depend_on_earlier_visitors() {
    let app = TestApp::with_films(&films(30)).await;
    let visitors = visitors(&app).await;
    let addresses = addresses();
    let mut alone = Vec::new();
    for (_, visitor) in &visitors {
        forget_pages(&app).await;
        let mut pages = Vec::new();
        for address in &addresses {
            pages.push(steady(&visitor.get(address).await));
        }
        alone.push(pages);
    }
    let forward: Vec<usize> = (0..visitors.len()).collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    for order in [forward, backward] {
        forget_pages(&app).await;
        for round in 0..2 {
            for &at in &order {
                let (name, visitor) = &visitors[at];
                for (address, expected) in addresses.iter().zip(&alone[at]) {
                    let page = steady(&visitor.get(address).await);
                    assert!(page == *expected, "{address} for {name}, round {round}");
                }
            }
        }
    }
}

/// The pages above differ where they should.
#[actix_web::test]
async fn pages_show_their_own_visitor() {
    let app = TestApp::with_films(&films(30)).await;
    let visitors = visitors(&app).await;
    let find = |wanted: &str| &visitors.iter().find(|(name, _)| *name == wanted).unwrap().1;
    let list = async |name: &str| find(name).get("/movies?per=48").await;
    assert_eq!(list("stranger").await.films().len(), 30);
    assert_eq!(list("hides 1").await.films().len(), 29);
    assert_eq!(list("hides 2 and 3").await.films().len(), 28);
    assert_eq!(list("hides nothing yet").await.films().len(), 30);
    assert_eq!(list("marks 1").await.attributes("[aria-pressed=true]", "class").len(), 1);
    assert_eq!(list("marks 2").await.texts(".rate").concat(), "4");
    assert_eq!(list("dark table").await.texts("tbody tr").len(), 30);
    assert_eq!(find("small light").get("/movies").await.films().len(), 6);
}
