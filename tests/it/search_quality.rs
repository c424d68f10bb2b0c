//! How often a search puts first what was meant: a hundred queries as visitors type them, half of
//! them misspelt. `docs/search.md` has the figures.
//!
//! The queries over the demonstration catalogue always run. Those over a large catalogue run when it
//! is given, as files separated by colons: `MARQUEE_CATALOGUE=a.jsonl.gz:b.jsonl.gz bin/test search_quality`.

use std::collections::BTreeMap;
use std::fs;

use marquee::catalog::import::{self, Input, Options};

use crate::support::{Response, TestApp, connect};

#[actix_web::test]
async fn demo_searches_find_the_expected_films() {
    let app = TestApp::with_demo().await;
    judge(&app, include_str!("search_quality/demo.tsv")).await;
}

#[actix_web::test]
async fn large_catalog_searches_find_the_expected_films() {
    let Ok(files) = std::env::var("MARQUEE_CATALOGUE") else { return };
    let app = TestApp::spawn().await;
    let input = |name: &str| {
        let file = fs::File::open(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        Input::new(name, file)
    };
    let options = Options::default();
    let mut conn = connect(&app.database).await;
    let inputs = files.split(':').map(input).collect();
    import::run(&mut conn, inputs, &options, &mut |_| {}).await.unwrap();
    app.up_to_date(&mut conn).await;
    judge(&app, include_str!("search_quality/catalogue.tsv")).await;
    judge_kinds(&app, include_str!("search_quality/kinds.tsv")).await;
}

/// The share of searches of a kind that have what is meant among the first three results. Of the titles
/// in other languages, a sixth is in no field of the catalogue.
fn min_share(kind: &str) -> f64 {
    if kind == "other languages' titles" { 0.8 } else { 0.9 }
}

async fn judge_kinds(app: &TestApp, queries: &str) {
    let mut kinds: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for line in queries.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (Some(kind), Some(query), Some(meant)) = (fields.next(), fields.next(), fields.next())
        else {
            panic!("a kind, a query and what is meant, separated by tabs: {line:?}")
        };
        let page = app.get(&search(query)).await;
        let mut is_found = false;
        for meant in meant.split('|') {
            is_found |= match meant.starts_with('/') {
                true => is_list(app, &page, meant).await,
                false => {
                    films(&page).iter().take(3).any(|film| film == meant)
                        || people(&page).iter().take(3).any(|person| person == meant)
                }
            };
        }
        let (all, found) = kinds.entry(kind).or_default();
        *all += 1;
        *found += u32::from(is_found);
        if !is_found {
            let (films, people) = (films(&page), people(&page));
            let first = &films[..films.len().min(3)];
            println!("{kind}: {query:?} means {meant}, found {first:?}, {people:?}");
        }
    }
    let shares =
        kinds.into_iter().map(|(kind, (all, found))| (kind, f64::from(found) / f64::from(all)));
    let shares: Vec<(&str, f64)> = shares.collect();
    println!("{shares:.2?}");
    assert!(shares.iter().all(|(kind, share)| *share >= min_share(kind)), "{shares:.2?}");
}

/// Whether a search found as many films as a list has.
async fn is_list(app: &TestApp, page: &Response, list: &str) -> bool {
    let list = app.get(list).await.attributes("[data-total]", "data-total");
    !list.is_empty() && page.attributes("[data-total]", "data-total") == list
}

fn search(query: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    format!("/search?{query}")
}

fn films(page: &Response) -> Vec<String> {
    let years = page.texts(".result__year").into_iter();
    let titles = page.texts(".result__title a").into_iter();
    titles.zip(years).map(|(title, year)| format!("{title} ({year})")).collect()
}

fn people(page: &Response) -> Vec<String> {
    page.texts("[data-director] a, [data-actor] a")
}

/// Of a hundred, 90 must be first and 98 on the first page.
async fn judge(app: &TestApp, queries: &str) {
    let lines = queries.lines().filter(|line| !line.starts_with('#'));
    let (mut all, mut first, mut on_page) = (0, 0, 0);
    for line in lines {
        let (query, meant) = line.split_once('\t').expect("a query, a tab, what is meant");
        let found = found(app, query, meant.ends_with(')')).await;
        let place = found.iter().position(|found| found == meant);
        all += 1;
        first += usize::from(place == Some(0));
        on_page += usize::from(place.is_some());
        if place != Some(0) {
            println!("{query:?} means {meant}, found {:?}", &found[..found.len().min(3)]);
        }
    }
    println!(
        "of {all} queries {first} put first what was meant, {on_page} have it on the first page"
    );
    assert!(first * 100 >= all * 90 && on_page * 100 >= all * 98);
}

/// Films as "Title (Year)", or people by name, as the first page shows them.
async fn found(app: &TestApp, query: &str, is_film: bool) -> Vec<String> {
    let page = app.get(&search(query)).await;
    if is_film { films(&page) } else { people(&page) }
}
