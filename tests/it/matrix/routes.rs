//! The table of routes that the other tests of this module go through.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The response of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTML that may differ between visitors.
    Page,
    /// A redirect that depends on the request.
    Redirect,
    /// A visitor's data as a file.
    Download,
    /// The same for every visitor, and needs no session.
    File,
    /// For the operator's monitoring.
    Ops,
    /// Nothing to `GET`.
    FormOnly,
}

pub struct Route {
    pub pattern: &'static str,
    /// An address that answers, in a catalogue of [`super::films`].
    pub address: &'static str,
    pub kind: Kind,
    /// A form that the route accepts.
    pub form: Option<&'static [(&'static str, &'static str)]>,
}

impl Route {
    pub fn answers_get(&self) -> bool {
        self.kind != Kind::FormOnly
    }
}

const fn get(pattern: &'static str, address: &'static str, kind: Kind) -> Route {
    Route { pattern, address, kind, form: None }
}

const fn post(
    pattern: &'static str,
    address: &'static str,
    kind: Kind,
    form: &'static [(&'static str, &'static str)],
) -> Route {
    Route { pattern, address, kind, form: Some(form) }
}

const PRESSED: &[(&str, &str)] = &[("pressed", "false")];

pub const ROUTES: &[Route] = &[
    get("/", "/", Kind::Page),
    get("/movies", "/movies", Kind::Page),
    get("/movies/random", "/movies/random", Kind::Redirect),
    get("/movies/{slug}", "/movies/film-1-1951", Kind::Page),
    get("/movies/by/{slug}", "/movies/by/director", Kind::Page),
    get("/movies/tags/{slug}", "/movies/tags/drama", Kind::Page),
    get("/movies/decades/{slug}", "/movies/decades/1950s", Kind::Page),
    get("/movies/countries/{slug}", "/movies/countries/france", Kind::Page),
    post("/movies/{slug}/watchlist", "/movies/film-1-1951/watchlist", Kind::FormOnly, PRESSED),
    post("/movies/{slug}/seen", "/movies/film-1-1951/seen", Kind::FormOnly, PRESSED),
    post("/movies/{slug}/rating", "/movies/film-1-1951/rating", Kind::FormOnly, &[("stars", "3")]),
    get("/directors", "/directors", Kind::Page),
    get("/directors/{slug}", "/directors/ann-other", Kind::Page),
    get("/actors", "/actors", Kind::Page),
    get("/actors/{slug}", "/actors/cy-actor", Kind::Page),
    get("/tags", "/tags", Kind::Page),
    get("/search", "/search?q=film", Kind::Page),
    get("/watchlist", "/watchlist", Kind::Page),
    get("/seen", "/seen", Kind::Page),
    post("/preferences", "/preferences", Kind::Page, &[("theme", "dark")]),
    post("/notices/{slug}/dismiss", "/notices/no-account/dismiss", Kind::FormOnly, &[]),
    post("/views", "/views", Kind::FormOnly, &[("page", "/movies")]),
    get("/about", "/about", Kind::Page),
    get("/you", "/you", Kind::Page),
    get("/you/export.json", "/you/export.json", Kind::Download),
    get("/you/{list}/{form}.csv", "/you/watchlist/imdb.csv", Kind::Download),
    post("/you/import", "/you/import", Kind::Redirect, &[("list", "listed")]),
    post("/you/history", "/you/history", Kind::FormOnly, &[]),
    post("/you/erase", "/you/erase", Kind::FormOnly, &[]),
    get("/static/{hash}/{path:.*}", "/static/0/css/site.css", Kind::File),
    get("/favicon.ico", "/favicon.ico", Kind::File),
    get("/art/{slug}.svg", "/art/film-1-1951.svg", Kind::File),
    get("/art/{slug}.png", "/art/film-1-1951.png", Kind::File),
    get("/movies.atom", "/movies.atom", Kind::File),
    get("/.well-known/gpc.json", "/.well-known/gpc.json", Kind::File),
    get("/robots.txt", "/robots.txt", Kind::File),
    get("/sitemap.xml", "/sitemap.xml", Kind::File),
    get("/sitemap-{part}.xml", "/sitemap-pages.xml", Kind::File),
    get("/search/suggestions", "/search/suggestions?q=film", Kind::File),
    get("/healthz", "/healthz", Kind::Ops),
    get("/readyz", "/readyz", Kind::Ops),
    get("/metrics", "/metrics", Kind::Ops),
];

/// Every pattern that the source gives to one of the two helpers that make a route.
fn patterns_in(folder: &Path, patterns: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            patterns_in(&path, patterns);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for helper in ["page(\"/", "form(\"/"] {
            for (at, _) in source.match_indices(helper) {
                let rest = &source[at + helper.len() - 1..];
                patterns.insert(rest[..rest.find('"').unwrap()].to_owned());
            }
        }
    }
}

#[test]
fn route_table_is_complete() {
    let mut patterns = BTreeSet::new();
    patterns_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut patterns);
    // Answers only where a contact is set.
    patterns.remove("/.well-known/security.txt");
    let known: BTreeSet<String> = ROUTES.iter().map(|route| route.pattern.to_owned()).collect();
    assert_eq!(patterns, known);
}
