//! The base of every test: a database of its own, and a site in front of it.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

use clap::Parser;
use diesel::sql_types::{BigInt, Jsonb, Nullable};
use diesel_async::RunQueryDsl;
use marquee::catalog::demo;
use marquee::catalog::export;
use marquee::catalog::import::{self, Input, Options, Plan};
use marquee::catalog::index::Catalog;
use marquee::config::{Cli, Settings};
use marquee::db::{self, Connection, Pool};
use marquee::sessions::Engine;
use marquee::web::{self, Site};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use scraper::{Html, Selector};
use serde_json::Value;

pub struct TestApp {
    pub database: String,
    pub address: String,
    pub catalog: Catalog,
    client: reqwest::Client,
}

impl TestApp {
    /// A site without films.
    pub async fn spawn() -> Self {
        Self::spawn_with(&[]).await
    }

    /// With these flags, as `--session-cookie-age=60`.
    pub async fn spawn_with(flags: &[&str]) -> Self {
        Self::spawn_on(fresh_database().await, flags).await
    }

    /// On a database that is there already.
    pub async fn spawn_on(database: String, flags: &[&str]) -> Self {
        let (address, catalog) = serve(&database, &database, flags).await;
        Self { address, catalog, database, client: client() }
    }

    /// On an empty database that the pages reach at another address than the test.
    pub async fn spawn_through(database: String, pages: &str) -> Self {
        let (address, catalog) = serve(&database, pages, &[]).await;
        Self { address, catalog, database, client: client() }
    }

    /// With films, one JSON line each.
    pub async fn with_films(lines: &str) -> Self {
        let app = Self::spawn().await;
        app.import(lines).await.unwrap();
        app
    }

    /// With the demonstration catalogue.
    pub async fn with_demo() -> Self {
        let app = Self::spawn().await;
        let mut conn = connect(&app.database).await;
        demo::load(&mut conn).await.unwrap();
        app.up_to_date(&mut conn).await;
        app
    }

    /// `count` films, "Film 1" of 1901 to "Film N", each tagged Drama.
    pub async fn with_many_films(count: u16) -> Self {
        let line = |n| {
            format!(
                "{{\"title\":\"Film {n}\",\"year\":{},\"directors\":[\"Ann Other\"],\
                 \"tags\":[\"drama\"]}}\n",
                1900 + n % 120
            )
        };
        Self::with_films(&(1..=count).map(line).collect::<String>()).await
    }

    /// The same site through another browser: no shared cookies.
    pub fn other_visitor(&self) -> Self {
        Self {
            database: self.database.clone(),
            address: self.address.clone(),
            catalog: self.catalog.clone(),
            client: client(),
        }
    }

    /// The same browser at another site: cookies know no port.
    pub fn at(&self, other: &Self) -> Self {
        Self { client: self.client.clone(), ..other.other_visitor() }
    }

    /// The same browser after the program was started anew.
    pub async fn restarted(&self) -> Self {
        let (address, catalog) = serve(&self.database, &self.database, &[]).await;
        let (database, client) = (self.database.clone(), self.client.clone());
        Self { database, address, catalog, client }
    }

    pub async fn import(&self, lines: &str) -> anyhow::Result<Plan> {
        self.import_bytes(lines.as_bytes(), false).await.0
    }

    /// The result, and the problems that were reported.
    pub async fn import_bytes(
        &self,
        bytes: &[u8],
        replace: bool,
    ) -> (anyhow::Result<Plan>, Vec<String>) {
        let mut conn = connect(&self.database).await;
        let inputs = vec![Input::new("films.jsonl", std::io::Cursor::new(bytes.to_vec()))];
        let mut problems = Vec::new();
        let options = Options {
            source: "the test".to_owned(),
            licence: "CC0".to_owned(),
            replace,
            remove_most: true,
            ..Options::default()
        };
        let mut report = |problem: &import::Problem| problems.push(problem.to_string());
        let result = import::run(&mut conn, inputs, &options, &mut report).await;
        self.up_to_date(&mut conn).await;
        (result, problems)
    }

    /// Every record of an export.
    pub async fn export(&self) -> Vec<Value> {
        let mut lines = Vec::new();
        export::run(&mut connect(&self.database).await, &mut lines).await.unwrap();
        let lines = String::from_utf8(lines).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Runs a statement; if it changes the catalogue, the site knows when this returns.
    pub async fn execute(&self, sql: &str) {
        let mut conn = connect(&self.database).await;
        execute(&mut conn, sql).await;
        self.up_to_date(&mut conn).await;
    }

    pub async fn up_to_date(&self, conn: &mut Connection) {
        let query = "SELECT version AS number FROM catalogue_version";
        let version = diesel::sql_query(query).get_result::<Number>(conn).await.unwrap().number;
        self.catalog.reaches(version).await.unwrap();
    }

    pub async fn count(&self, table: &str) -> i64 {
        count(&self.database, table).await
    }

    /// The data of the only session.
    pub async fn session(&self) -> Value {
        let query = "SELECT jsonb_agg(data) AS data FROM sessions";
        let mut conn = connect(&self.database).await;
        let row = diesel::sql_query(query).get_result::<Document>(&mut conn).await.unwrap();
        let rows = row.data.expect("no session is stored");
        assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
        rows[0].clone()
    }

    /// Puts other data in place of those of every session.
    pub async fn replace_session(&self, data: &Value) {
        let mut conn = connect(&self.database).await;
        let query = diesel::sql_query("UPDATE sessions SET data = $1").bind::<Jsonb, _>(data);
        assert_eq!(query.execute(&mut conn).await.unwrap(), 1);
    }

    /// The only row of a query, whose only column is `text`.
    pub async fn text(&self, query: &str) -> String {
        let mut conn = connect(&self.database).await;
        diesel::sql_query(query).get_result::<Line>(&mut conn).await.unwrap().text
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.send(self.request(Method::POST, path).form(form)).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    pub async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Response { status, headers, html: response.text().await.unwrap() }
    }
}

#[derive(diesel::QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

#[derive(diesel::QueryableByName)]
struct Document {
    #[diesel(sql_type = Nullable<Jsonb>)]
    data: Option<Value>,
}

/// A browser as far as cookies go; redirects are for the test to look at.
fn client() -> reqwest::Client {
    reqwest::Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap()
}

pub fn settings(flags: &[&str]) -> Settings {
    let args = std::iter::once("marquee").chain(flags.iter().copied());
    Cli::parse_from(args).settings.validate().unwrap()
}

/// Two workers, so that requests really run side by side.
async fn serve(database: &str, pages: &str, flags: &[&str]) -> (String, Catalog) {
    let settings = settings(flags);
    let pool = Pool::new(pages, 4).unwrap();
    let engine = Engine::open(&settings.sessions, &pool).unwrap();
    let catalog = Catalog::open(database).await.unwrap();
    let site = Site::new(pool, catalog.clone(), engine, &settings).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    actix_web::rt::spawn(web::serve(listener, site, 2).unwrap());
    (address, catalog)
}

pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Response {
    /// Returns the visible text of `main`, one line for each element, for snapshots.
    pub fn outline(&self) -> String {
        let selector = "main :is(h1, h2, h3, p, a, dt, dd, legend, label, input, select, button)";
        let document = Html::parse_document(&self.html);
        let mut lines = Vec::new();
        for element in document.select(&Selector::parse(selector).unwrap()) {
            let text = spoken(element);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let at = |name| element.attr(name).unwrap_or_default();
            lines.push(match element.value().name() {
                name @ ("h1" | "h2" | "h3") => {
                    format!("{} {text}", "#".repeat(name[1..].parse().unwrap()))
                }
                "a" => format!("[{text}]({})", at("href")),
                "input" => format!("<{} {}={:?}>", at("type"), at("name"), at("value")),
                "select" => format!("<select {}>", at("name")),
                "button" => format!("<button {text}>"),
                _ => text,
            });
        }
        lines.join("\n")
    }

    /// The text of every element that matches, in document order.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let document = Html::parse_document(&self.html);
        let text = |element: scraper::ElementRef<'_>| element.text().collect::<String>();
        let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        document.select(&selector).map(|element| words(text(element))).collect()
    }

    /// That attribute of every element that has it and matches.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let document = Html::parse_document(&self.html);
        let values = document.select(&selector).filter_map(|element| element.attr(name));
        values.map(str::to_owned).collect()
    }

    /// The slugs of the films shown, in their order.
    pub fn films(&self) -> Vec<String> {
        self.attributes("[data-movie]", "data-movie")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn visits(&self) -> i64 {
        self.attributes("#num-visits", "value").concat().parse().unwrap()
    }
}

/// A port for a server that a test stops and starts again. Below the ports that the system hands out
/// by itself, so that nobody gets it in between.
pub fn own_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(101) + NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(12_000 + number % 20_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

const TEMPLATE: &str = "marquee_test_template";

/// Copies the migrated template; returns the copy's URL. The copy stays after the test, for
/// looking at a failure, until the next run reuses its name.
pub async fn fresh_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static MIGRATED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    let server = server();
    MIGRATED.get_or_init(|| migrate_template(server.clone())).await;
    let name = format!("marquee_test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut conn = connect(&format!("{server}/postgres")).await;
    execute(&mut conn, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    let copy = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY");
    execute(&mut conn, &copy).await;
    format!("{server}/{name}")
}

fn server() -> String {
    std::env::var("TEST_DATABASE_URL").expect("run the tests with bin/test")
}

async fn migrate_template(server: String) {
    let mut conn = connect(&format!("{server}/postgres")).await;
    execute(&mut conn, &format!("DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")).await;
    execute(&mut conn, &format!("CREATE DATABASE {TEMPLATE}")).await;
    db::migrate(&format!("{server}/{TEMPLATE}")).await.unwrap();
}

pub async fn count(database: &str, table: &str) -> i64 {
    number(database, &format!("SELECT count(*) AS number FROM {table}")).await
}

/// The only row of a query, whose only column is `number`.
pub async fn number(database: &str, query: &str) -> i64 {
    let mut conn = connect(database).await;
    diesel::sql_query(query).get_result::<Number>(&mut conn).await.unwrap().number
}

pub async fn connect(url: &str) -> Connection {
    db::connect(url).await.unwrap()
}

pub async fn execute(conn: &mut Connection, sql: &str) {
    diesel::sql_query(sql).execute(conn).await.unwrap();
}

/// Returns the text of an element without what is hidden from screen readers.
fn spoken(element: scraper::ElementRef<'_>) -> String {
    let texts = element.descendants().filter(|node| {
        let within = node.ancestors().take_while(|ancestor| ancestor.id() != element.id());
        let mut elements = within.filter_map(|ancestor| ancestor.value().as_element());
        elements.all(|ancestor| ancestor.attr("aria-hidden") != Some("true"))
    });
    texts.filter_map(|node| node.value().as_text()).map(|text| &**text).collect()
}
