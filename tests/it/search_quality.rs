//! How often a search puts first what was meant: a hundred queries as visitors type them, half of
//! them misspelt. `docs/search.md` has the figures.
//!
//! The queries over the demonstration catalogue always run. Those over a large catalogue run when it
//! is given, as files separated by colons: `MARQUEE_CATALOGUE=a.jsonl.gz:b.jsonl.gz bin/test search_quality`.

use std::fs;

use marquee::catalog::import::{self, Input, Options};

use crate::support::{TestApp, connect};

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

/// Films as "Title (Year)", or directors by name, as the first page shows them.
async fn found(app: &TestApp, query: &str, films: bool) -> Vec<String> {
    let path = format!(
        "/search?{}",
        form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish()
    );
    let page = app.get(&path).await;
    if !films {
        return page.texts("[data-director] a");
    }
    let years = page.texts(".result__year").into_iter();
    let titles = page.texts(".result__title a").into_iter();
    titles.zip(years).map(|(title, year)| format!("{title} ({year})")).collect()
}
