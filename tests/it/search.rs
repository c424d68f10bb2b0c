use serde_json::Value;

use crate::support::{Response, TestApp};

const FILMS: &str = r#"
{"title":"Frankenstein","year":1931,"directors":["James Whale"],"tags":["horror"]}
{"title":"Frankenstein","year":1994,"directors":["Kenneth Branagh"],"tags":["horror"]}
{"title":"Bride of Frankenstein","year":1935,"directors":["James Whale"]}
{"title":"Ran","year":1985,"original_title":"乱","directors":["Akira Kurosawa"]}
{"title":"Rashomon","year":1950,"directors":["Akira Kurosawa"],"synopsis":"A bandit, a lady and a woodcutter tell of a murder in a forest."}
{"title":"Rock & Rule","year":1983,"directors":["Clive A. Smith"]}
{"title":"Un cœur en hiver","year":1992,"directors":["Claude Sautet"],"synopsis":"A violin maker of Paris feels nothing; the forest of notes stays dark.","cast":["Emmanuelle Béart"]}
{"title":"Spider-Man","year":2002,"directors":["Sam Raimi"]}
{"title":"Чайка","year":1972,"directors":["Юлий Карасик"]}
{"title":"Чаика","year":1973,"directors":["Somebody Else"]}
"#;

fn first(page: &Response) -> Option<String> {
    page.films().into_iter().next()
}

fn suggestions(response: &Response) -> Vec<(String, String)> {
    let list: Vec<Value> = serde_json::from_str(&response.html).unwrap();
    let text = |parts: &Value| {
        let part = |part: &Value| {
            let text = part["text"].as_str().unwrap();
            if part["marked"] == true { format!("[{text}]") } else { text.to_owned() }
        };
        parts.as_array().unwrap().iter().map(part).collect::<String>()
    };
    let suggestion = |one: &Value| {
        let details = one["details"].as_array().into_iter().flatten();
        let details: Vec<&str> = details.filter_map(Value::as_str).collect();
        let detail = match one["films"].as_u64() {
            Some(films) => format!("{films} films"),
            None => details.join(", "),
        };
        (text(&one["name"]), detail)
    };
    list.iter().map(suggestion).collect()
}

#[actix_web::test]
async fn search_requires_all_words_and_ignores_accents() {
    let app = TestApp::with_films(FILMS).await;
    for (query, meant) in [
        ("frankenstein+1931", "frankenstein-1931"),
        ("kurosawa+ran", "ran-1985"),
        ("FRANKENSTEIN", "frankenstein-1994"),
        ("the+frankenstein", "frankenstein-1994"),
        ("horror+whale", "frankenstein-1931"),
        ("coeur", "un-coeur-en-hiver-1992"),
        ("c%C5%93ur", "un-coeur-en-hiver-1992"),
        ("rock+and+rule", "rock-and-rule-1983"),
        ("rock+%26+rule", "rock-and-rule-1983"),
        ("%E4%B9%B1", "ran-1985"),
        ("spiderman", "spider-man-2002"),
    ] {
        let page = app.get(&format!("/search?q={query}")).await;
        assert_eq!(first(&page).as_deref(), Some(meant), "{query}");
        assert_eq!(page.texts(".lead"), [""; 0], "{query} is not misspelt");
    }
    assert_eq!(app.get("/search?q=frankenstein").await.films().len(), 3);
}

#[actix_web::test]
async fn search_corrects_typing_errors_visibly() {
    let app = TestApp::with_films(FILMS).await;
    for (query, meant, respelt) in [
        ("frankenstien", "frankenstein-1994", "frankenstein"),
        ("kurosowa+rahsomon", "rashomon-1950", "kurosawa rashomon"),
        ("rockrule", "rock-and-rule-1983", "rock rule"),
        ("fran+kenstein+1931", "frankenstein-1931", "frankenstein 1931"),
        ("jmaes+whale+brid", "bride-of-frankenstein-1935", "james whale bride"),
    ] {
        let page = app.get(&format!("/search?q={query}")).await;
        assert_eq!(first(&page).as_deref(), Some(meant), "{query}");
        assert_eq!(page.texts(".lead a"), [respelt], "{query}");
    }
    let page = app.get("/search?q=kurosowa").await;
    assert_eq!(page.texts(".lead a"), ["kurosawa"]);
    assert_eq!(page.attributes(".lead a", "href"), ["/search?q=kurosawa"]);
    assert_eq!(page.texts("[data-director] a"), ["Akira Kurosawa"]);
}

#[actix_web::test]
async fn letters_of_other_scripts_are_not_folded() {
    let app = TestApp::with_films(FILMS).await;
    assert_eq!(app.get("/search?q=чайка").await.films(), ["чайка-1972"]);
    assert_eq!(app.get("/search?q=чаика").await.films(), ["чаика-1973"]);
}

#[actix_web::test]
async fn search_finds_directors_and_their_films() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/search?q=kurosawa").await;
    assert_eq!(page.attributes("[data-director]", "data-director"), ["akira-kurosawa"]);
    assert_eq!(page.texts("[data-director] mark"), ["Kurosawa"]);
    assert_eq!(page.films().len(), 2);
    assert_eq!(page.attributes("#search", "value"), ["kurosawa"]);
}

#[actix_web::test]
async fn search_ranks_text_matches_last() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/search?q=bandits+in+forests").await;
    assert_eq!(page.films(), ["rashomon-1950"]);
    assert_eq!(page.texts(".result__excerpt mark"), ["bandit", "forest"]);
    assert_eq!(
        app.get("/search?q=forest").await.films(),
        ["un-coeur-en-hiver-1992", "rashomon-1950"]
    );
    assert_eq!(app.get("/search?q=beart").await.films(), ["un-coeur-en-hiver-1992"]);
    app.import(r#"{"title":"The Forest","year":1901}"#).await.unwrap();
    let page = app.get("/search?q=forest").await;
    assert_eq!(page.films(), ["the-forest-1901", "un-coeur-en-hiver-1992", "rashomon-1950"]);
    let page = app.get("/search?q=forest&per=6&page=1").await;
    assert_eq!(page.attributes("[data-total]", "data-total"), ["3"]);
}

#[actix_web::test]
async fn search_offers_nearest_films_without_full_match() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/search?q=frankenstein+xylophone").await;
    assert!(
        page.texts(".lead").concat().contains("No film matches every word"),
        "{}",
        page.outline()
    );
    assert_eq!(page.films().len(), 3);
    let page = app.get("/search?q=xylophone").await;
    assert_eq!(page.films(), [""; 0]);
    assert!(page.html.contains("No films or people found"));
}

#[actix_web::test]
async fn search_terms_are_escaped() {
    let app = TestApp::with_films(FILMS).await;
    app.import(r#"{"title":"<img src=x> & <x>Bold</x>","year":1950}"#).await.unwrap();
    let page = app.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%25%27--").await;
    assert_eq!(page.texts("h1"), ["Search for <script>alert(1)</script>%'--"]);
    assert_eq!(page.texts("script").concat(), "");
    assert_eq!(page.films(), [""; 0]);
    assert_eq!(app.get("/search?q=+%25+").await.texts("h1"), ["Search"]);
    let page = app.get("/search?q=bold").await;
    assert_eq!(page.texts(".result__title a"), ["<img src=x> & <x>Bold</x>"]);
    assert_eq!(page.texts(".result__title mark"), ["Bold"]);
    assert_eq!(page.attributes("img", "src"), [""; 0]);
}

#[actix_web::test]
async fn search_links_to_a_filterable_list_of_its_results() {
    let app = TestApp::with_films(FILMS).await;
    for query in ["frankenstein", "forest", "frankenstien", "frankenstein xylophone", "xylophone"] {
        let found = app.get(&format!("/search?q={query}")).await;
        let list = app.get(&format!("/movies?q={query}")).await;
        assert_eq!(list.films(), found.films(), "{query}");
    }
    let found = app.get("/search?q=the+forest").await;
    let href = found.attributes("main a[href^='/movies?q=']", "href").remove(0);
    let list = app.get(&href).await;
    assert_eq!(list.films(), ["un-coeur-en-hiver-1992", "rashomon-1950"]);
    let narrowed = app.get(&format!("{href}&decade=1950s")).await;
    assert_eq!(narrowed.films(), ["rashomon-1950"]);
    let alone = app.get("/search?q=spiderman").await;
    assert_eq!(alone.attributes("main a[href^='/movies?q=']", "href"), [""; 0]);
}

#[actix_web::test]
async fn pages_of_results_lead_to_each_other() {
    let app = TestApp::with_many_films(30).await;
    let page = app.get("/search?q=film&per=12&page=2").await;
    assert_eq!(page.films().len(), 12);
    assert_eq!(page.attributes("a[rel=prev]", "href"), ["/search?q=film&per=12"]);
    assert_eq!(page.attributes("a[rel=next]", "href"), ["/search?q=film&per=12&page=3"]);
    let pages = [1, 2, 3].map(|page| format!("/search?q=film&per=12&page={page}"));
    let mut all = Vec::new();
    for page in &pages {
        all.extend(app.get(page).await.films());
    }
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 30);
    assert_eq!(app.get("/search?q=film&page=99").await.status, 404);
}

#[actix_web::test]
async fn suggestions_come_while_typing_and_cost_no_session() {
    let app = TestApp::with_films(FILMS).await;
    let response = app.get("/search/suggestions?q=kuros").await;
    assert_eq!(response.header("content-type"), "application/json");
    assert_eq!(response.header("cache-control"), "public, max-age=60");
    assert_eq!(response.header("set-cookie"), "");
    let pair = |name: &str, detail: &str| (name.to_owned(), detail.to_owned());
    assert_eq!(
        suggestions(&response),
        [
            pair("Akira [Kurosawa]", "2 films"),
            pair("Ran", "1985, Akira Kurosawa"),
            pair("Rashomon", "1950, Akira Kurosawa"),
        ]
    );
    let suggested = suggestions(&app.get("/search/suggestions?q=乱").await);
    assert_eq!(suggested, [pair("Ran", "乱, 1985, Akira Kurosawa")]);
    let suggested = suggestions(&app.get("/search/suggestions?q=frankinst").await);
    assert_eq!(suggested[0], pair("[Frankenstein]", "1994, Kenneth Branagh"));
    let actors =
        r#"{"title":"Vertigo","cast":["James Stewart"],"tags":["thriller"],"country":"France"}"#;
    app.import(actors).await.unwrap();
    let suggested = suggestions(&app.get("/search/suggestions?q=james+stew").await);
    assert_eq!(suggested[0], pair("[James] [Stewart]", "1 films"));
    let suggested = suggestions(&app.get("/search/suggestions?q=french+thrillers").await);
    assert_eq!(suggested[0], pair("France, Thriller", "1 films"));
    for nothing in ["/search/suggestions", "/search/suggestions?q=", "/search/suggestions?q=%00%FF"]
    {
        assert_eq!(suggestions(&app.get(nothing).await), [], "{nothing}");
    }
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn directors_are_above_the_first_page_of_films_only() {
    let line = |n| format!("{{\"title\":\"Ran {n}\",\"directors\":[\"Ran Person\"]}}\n");
    let app = TestApp::with_films(&(1..=30).map(line).collect::<String>()).await;
    for (path, directors) in [("/search?q=ran", 1), ("/search?q=ran&page=2", 0)] {
        let page = app.get(path).await;
        assert_eq!(page.attributes("[data-director]", "data-director").len(), directors, "{path}");
    }
    let suggestions = app.get("/search/suggestions?q=ran").await.html;
    let suggestions: Vec<Value> = serde_json::from_str(&suggestions).unwrap();
    assert_eq!(suggestions.len(), 6 + 1, "films and directors");
}

/// Films found by name come first; those found by their text follow, on whichever page.
#[actix_web::test]
async fn films_found_by_their_text_show_an_excerpt_on_every_page() {
    let named = |n| format!("{{\"title\":\"Lighthouse {n}\"}}\n");
    let told = |n| format!("{{\"title\":\"Film {n}\",\"synopsis\":\"A lighthouse burns.\"}}\n");
    let lines: String = (1..=26).map(named).chain((1..=10).map(told)).collect();
    let app = TestApp::with_films(&lines).await;
    let first = app.get("/search?q=lighthouse").await;
    assert_eq!((first.films().len(), first.texts(".result__excerpt").len()), (24, 0));
    let second = app.get("/search?q=lighthouse&page=2").await;
    assert_eq!((second.films().len(), second.texts(".result__excerpt").len()), (12, 10));
}

const FACETED: &str = r#"
{"title":"Playtime","year":1967,"directors":["Jacques Tati"],"country":["France"],"tags":["comedy"]}
{"title":"Mon oncle","year":1958,"directors":["Jacques Tati"],"country":["France"],"tags":["comedy"]}
{"title":"Diabolique","year":1955,"directors":["Henri-Georges Clouzot"],"country":["France"],"tags":["thriller"]}
{"title":"Vertigo","year":1958,"directors":["Alfred Hitchcock"],"country":["United States"],"cast":["James Stewart"],"tags":["thriller"]}
{"title":"Psycho","year":1960,"directors":["Alfred Hitchcock"],"country":["United States"],"tags":["horror"]}
{"title":"Womanhood","year":1917,"directors":["James Stuart Blackton"],"country":["United States"],"tags":["silent"]}
{"title":"House of Wax","year":1953,"country":["United States"],"cast":["Vincent Price"],"tags":["horror"]}
{"title":"Cops","year":1922,"runtime":18,"directors":["Buster Keaton"],"country":["United States"],"tags":["silent","comedy"]}
{"title":"Silent Comedy","year":2001,"country":["Sweden"],"tags":["drama"]}
"#;

#[actix_web::test]
async fn search_recognizes_values_of_dimensions() {
    let app = TestApp::with_films(FACETED).await;
    for (query, films, facets) in [
        ("french comedy 1960s", &["playtime-1967"][..], &["France", "Comedy", "1960s"][..]),
        ("french comedies", &["playtime-1967", "mon-oncle-1958"], &["France", "Comedy"]),
        ("comedy films from france", &["playtime-1967", "mon-oncle-1958"], &["Comedy", "France"]),
        ("hitchcock 1950s", &["vertigo-1958"], &["1950s"]),
        ("hichcock 1950s", &["vertigo-1958"], &["1950s"]),
        ("1910s", &["womanhood-1917"], &["1910s"]),
        ("horror with vincent price", &["house-of-wax-1953"], &["Horror"]),
        ("short silent films", &["cops-1922"], &["Under 40 min", "Silent"]),
        // A title comes before its words, and a name before its respelling.
        ("silent comedy", &["silent-comedy-2001", "cops-1922"], &[]),
        ("james stewart", &["vertigo-1958"], &[]),
        ("psycho", &["psycho-1960"], &[]),
        ("vertigo with james stewart", &["vertigo-1958"], &[]),
        ("films by hitchcock from the fifties", &["vertigo-1958"], &["1950s"]),
        ("james stuart", &["womanhood-1917"], &[]),
    ] {
        let page = app.get(&format!("/search?q={}", query.replace(' ', "+"))).await;
        assert_eq!(page.films(), films, "{query}");
        let chosen = page.texts(".chosen a");
        let chosen: Vec<_> =
            chosen.iter().filter_map(|text| text.strip_prefix("Remove ")).collect();
        assert_eq!(chosen, facets, "{query}");
        let list = app.get(&format!("/movies?q={}", query.replace(' ', "+"))).await;
        assert_eq!(list.films(), films, "{query}");
    }
    let page = app.get("/search?q=french+comedy+1960s").await;
    assert_eq!(
        page.attributes(".chosen a", "href"),
        ["/search?q=comedy%201960s", "/search?q=french%201960s", "/search?q=french%20comedy"]
    );
}
