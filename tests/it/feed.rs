use reqwest::Method;
use scraper::{Html, Selector};

use crate::support::{Response, TestApp};

const FILMS: &str = r#"
{"title":"Double Indemnity","year":1944,"directors":["Billy Wilder"],"tags":["film noir","crime"],"synopsis":"A salesman <3 & a wife."}
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["samurai"]}
{"title":"Laura","year":1944,"tags":["film noir"]}
"#;

fn texts(feed: &Response, selector: &str) -> Vec<String> {
    let document = Html::parse_fragment(&feed.html);
    let selector = Selector::parse(selector).unwrap();
    document.select(&selector).map(|element| element.text().collect()).collect()
}

/// RFC 4287: what a feed and each of its entries must have, and in a file that ends as it begins.
fn assert_valid(feed: &Response) {
    assert_eq!(feed.status, 200);
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    assert!(feed.html.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed "));
    let mut reader = quick_xml::Reader::from_str(&feed.html);
    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    for name in ["feed > title", "feed > id", "feed > updated", "feed > author > name"] {
        assert_eq!(texts(feed, name).len(), 1, "{name}");
    }
    let entries = texts(feed, "entry").len();
    for name in ["title", "id", "updated", "published"] {
        let values = texts(feed, &format!("entry > {name}"));
        assert!(values.len() == entries && values.iter().all(|value| !value.is_empty()), "{name}");
    }
    for date in texts(feed, "updated, published") {
        chrono::DateTime::parse_from_rfc3339(&date).unwrap();
    }
    let mut ids = texts(feed, "entry > id");
    ids.dedup();
    assert_eq!(ids.len(), entries);
    assert_eq!(feed.attributes("feed > link[rel=self]", "href"), texts(feed, "feed > id"));
}

#[actix_web::test]
async fn list_feed_shows_latest_additions_first() {
    let app = TestApp::spawn_with(&["--public-url=https://films.example"]).await;
    app.import(FILMS).await.unwrap();

    let feed = app.get("/movies.atom").await;

    assert_valid(&feed);
    assert_eq!(
        texts(&feed, "entry > title"),
        ["Laura (1944)", "Ran (1985)", "Double Indemnity (1944)"]
    );
    assert_eq!(texts(&feed, "feed > id"), ["https://films.example/movies.atom"]);
    assert_eq!(texts(&feed, "entry > id")[1], "https://films.example/movies/ran-1985");
    assert_eq!(texts(&feed, "summary"), ["A salesman <3 & a wife."]);
}

#[actix_web::test]
async fn feed_holds_the_fifty_latest_films() {
    let app = TestApp::with_many_films(60).await;
    app.execute(
        "UPDATE movies SET added_at = '2026-01-01T00:00:00Z'::timestamptz \
         + substring(title from '[0-9]+')::int * interval '1 hour'",
    )
    .await;

    let feed = app.get("/movies.atom").await;

    assert_valid(&feed);
    let numbers = (11..=60).rev();
    let titles: Vec<String> = numbers.map(|n| format!("Film {n} ({})", 1900 + n)).collect();
    assert_eq!(texts(&feed, "entry > title"), titles);
    assert_eq!(texts(&feed, "feed > updated"), ["2026-01-03T12:00:00Z"]);
    assert_eq!(texts(&feed, "entry > published")[49], "2026-01-01T11:00:00Z");
    assert_eq!(texts(&feed, "entry > updated"), texts(&feed, "entry > published"));
}

#[actix_web::test]
async fn feed_summary_names_its_source() {
    let page = "https://en.wikipedia.org/wiki/Ran";
    let app = TestApp::with_films(&format!(
        "{{\"title\":\"Ran\",\"plot\":\"P.\",\"wikipedia\":\"{page}\"}}\n{{\"title\":\"Silent\"}}"
    ))
    .await;

    let feed = app.get("/movies.atom").await;

    assert_valid(&feed);
    assert_eq!(texts(&feed, "entry > rights"), ["Summary: Wikipedia, CC BY-SA 4.0"]);
    let licence = "https://creativecommons.org/licenses/by-sa/4.0/";
    assert_eq!(feed.attributes("entry > link[rel=license]", "href"), [licence]);
    assert_eq!(feed.attributes("entry > link[rel=via]", "href"), [page]);
}

#[actix_web::test]
async fn feed_follows_the_criteria_of_its_list() {
    let app = TestApp::with_films(FILMS).await;

    let feed = app.get("/movies.atom?tag=film-noir&decade=1940s&sort=title&page=7&per=6").await;

    assert_valid(&feed);
    assert_eq!(texts(&feed, "entry > title"), ["Laura (1944)", "Double Indemnity (1944)"]);
    let url = format!("{}/movies.atom?tag=film-noir&decade=1940s", app.address);
    assert_eq!(texts(&feed, "feed > id"), [url]);
    assert_eq!(texts(&feed, "feed > title"), ["Film noir, 1940s · Marquee"]);
    let page = app.get("/movies?tag=film-noir&decade=1940s").await;
    let named = page.attributes("link[type='application/atom+xml']", "href");
    assert_eq!(named, ["/movies.atom?tag=film-noir&decade=1940s"]);
}

#[actix_web::test]
async fn feed_etag_changes_only_with_its_list() {
    let app = TestApp::with_films(FILMS).await;
    let ask = async |path: &str, known: &str| {
        app.send(app.request(Method::GET, path).header("if-none-match", known)).await
    };
    let noir = app.get("/movies.atom?tag=film-noir").await.header("etag").to_owned();
    let all = app.get("/movies.atom").await.header("etag").to_owned();

    app.import(r#"{"title":"Heat","year":1995,"tags":["crime"]}"#).await.unwrap();

    let same = ask("/movies.atom?tag=film-noir", &format!("\"x\", {noir}")).await;
    assert_eq!((same.status, same.html.as_str(), same.header("etag")), (304, "", &*noir));
    let changed = ask("/movies.atom", &all).await;
    assert_valid(&changed);
    assert_eq!(texts(&changed, "entry > title")[0], "Heat (1995)");
}

#[actix_web::test]
async fn empty_feed_is_valid_and_uses_no_session() {
    let app = TestApp::spawn().await;
    let feed = app.get("/movies.atom?tag=-&q=%00").await;
    assert_valid(&feed);
    assert_eq!((feed.header("set-cookie"), app.count("sessions").await), ("", 0));
}

/// An empty feed would hide a mistyped address from its subscribers.
#[actix_web::test]
async fn feed_of_an_unknown_value_is_not_found() {
    let app = TestApp::with_films(FILMS).await;
    for query in
        ["tag=nope", "decade=1840s", "tag=film-noir&director=nope", "tag=-nope", "country=%27"]
    {
        assert_eq!(app.get(&format!("/movies.atom?{query}")).await.status, 404, "{query}");
    }
    assert_eq!(app.get("/movies.atom?year=1840-1850").await.status, 200, "a range without films");
}
