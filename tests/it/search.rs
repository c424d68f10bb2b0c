use crate::support::TestApp;

const FILMS: &str = r#"
{"title":"Frankenstein","year":1931,"directors":["James Whale"]}
{"title":"Frankenstein","year":1994,"directors":["Kenneth Branagh"]}
{"title":"Bride of Frankenstein","year":1935,"directors":["James Whale"]}
{"title":"Ran","year":1985,"original_title":"乱","directors":["Akira Kurosawa"]}
{"title":"Rashomon","year":1950,"directors":["Akira Kurosawa"]}
{"title":"Rock & Rule","year":1983,"directors":["Clive A. Smith"]}
{"title":"Un cœur en hiver","year":1992,"directors":["Claude Sautet"]}
"#;

#[actix_web::test]
async fn every_word_counts_and_accents_do_not() {
    let app = TestApp::with_films(FILMS).await;
    for (query, first) in [
        ("frankenstein+1931", "frankenstein-1931"),
        ("kurosawa+ran", "ran-1985"),
        ("FRANKENSTEIN", "frankenstein-1994"),
        ("coeur", "un-coeur-en-hiver-1992"),
        ("c%C5%93ur", "un-coeur-en-hiver-1992"),
        ("rock+and+rule", "rock-and-rule-1983"),
        ("rock+%26+rule", "rock-and-rule-1983"),
        ("%E4%B9%B1", "ran-1985"),
    ] {
        let page = app.get(&format!("/search?q={query}")).await;
        assert_eq!(page.films().first().map(String::as_str), Some(first), "{query}");
    }
    assert_eq!(app.get("/search?q=frankenstein").await.films().len(), 3);
}

#[actix_web::test]
async fn people_are_found_with_their_films() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/search?q=kurosawa").await;
    assert_eq!(page.attributes("[data-director]", "data-director"), ["akira-kurosawa"]);
    assert_eq!(page.films().len(), 2);
    assert_eq!(page.attributes("#search", "value"), ["kurosawa"]);
}

#[actix_web::test]
async fn what_is_searched_is_shown_and_never_run() {
    let app = TestApp::with_films(FILMS).await;
    let page = app.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%25%27--").await;
    assert_eq!(page.texts("h1"), ["Search for <script>alert(1)</script>%'--"]);
    assert_eq!(page.texts("script:not([src])"), [""; 0]);
    assert_eq!(page.films(), [""; 0]);
    assert!(page.html.contains("No film and no director"));
    assert_eq!(app.get("/search?q=+%25+").await.texts("h1"), ["Search"]);
}
