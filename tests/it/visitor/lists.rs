use serde_json::{Value, json};

use crate::support::{Response, TestApp};

fn results(page: &Response) -> Vec<String> {
    page.texts("[role=status] li")
}

const FILMS: &str = r#"
{"title":"The General","year":1926,"runtime":75,"imdb":"tt0017925"}
{"title":"Spirited Away","original_title":"千と千尋の神隠し","year":2001,"directors":["Hayao Miyazaki"],"tags":["fantasy"]}
{"title":"Solaris","year":1972}
{"title":"Solaris","year":2002}
{"title":"Quote \"and\", comma","year":1999}"#;

#[actix_web::test]
async fn a_letterboxd_list_is_matched_by_title_and_year_and_the_rest_is_named() {
    let app = TestApp::with_films(FILMS).await;
    let file = "Date,Name,Year,Letterboxd URI\n\
        2024-01-02,General,1926,https://boxd.it/1\n\
        2024-01-03,千と千尋の神隠し,2001,https://boxd.it/2\n\
        2024-01-04,SOLARIS,1971,https://boxd.it/3\n\
        2024-01-04,Solaris,1987,https://boxd.it/4\n\
        2024-01-05,<b>Nowhere</b>,,https://boxd.it/5\n\
        ,,,\n\
        2024-01-06,\"Quote \"\"and\"\", comma\",1999,https://boxd.it/6\n";
    let page = app.bring(file, "listed").await;
    assert_eq!(
        (page.status, results(&page)),
        (200, vec!["4 films added to your watchlist.".into()])
    );
    assert_eq!(page.texts("td"), ["7", "(no title)", "5", "Solaris (1987)", "6", "<b>Nowhere</b>"]);
    assert_eq!(
        app.get("/watchlist").await.films(),
        ["quote-and-comma-1999", "solaris-1972", "spirited-away-2001", "the-general-1926"]
    );
    let again = app.bring(file, "listed").await;
    assert_eq!(
        results(&again),
        ["0 films added to your watchlist.", "4 films already on the list."]
    );
}

#[actix_web::test]
async fn ratings_of_imdb_are_taken_along_with_films_seen() {
    let app = TestApp::with_films(FILMS).await;
    let file = "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,Num Votes,Release Date,Directors\n\
        tt0017925,9,2020-05-06,Another Name,,,Movie,8.1,75,1900,Comedy,1,1926-12-31,Buster Keaton\n\
        tt9999999,,2020-05-06,Solaris,,,Movie,8.1,,2002,,,,\n";
    let page = app.bring(file, "seen").await;
    assert_eq!(results(&page), ["2 films marked as seen."]);
    let page = app.get("/movies/the-general-1926").await;
    assert_eq!(page.attributes(".star[aria-pressed=true]", "value"), ["4.5"]);
    assert_eq!(app.get("/seen").await.films(), ["solaris-2002", "the-general-1926"]);
    assert_eq!(app.get("/watchlist").await.films(), [""; 0]);
}

#[actix_web::test]
async fn every_list_that_is_taken_along_comes_back_the_same() {
    let app = TestApp::with_films(FILMS).await;
    for slug in ["solaris-2002", "quote-and-comma-1999", "spirited-away-2001", "the-general-1926"] {
        app.post(&format!("/movies/{slug}/rating"), &[("stars", "4")]).await;
        app.post(&format!("/movies/{slug}/watchlist"), &[]).await;
    }
    for form in ["letterboxd", "imdb"] {
        let other = app.other_visitor();
        for (list, field) in [("watchlist", "listed"), ("seen", "seen")] {
            let csv = app.get(&format!("/you/{list}/{form}.csv")).await;
            assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
            let page = other.bring(&csv.html, field).await;
            assert_eq!(page.texts("td"), [""; 0], "{form} {list}");
            let path = format!("/{list}");
            assert_eq!(other.get(&path).await.films(), app.get(&path).await.films(), "{form}");
        }
        let page = other.get("/seen?view=table").await;
        assert_eq!(page.texts(".table__rating"), ["4"; 4], "{form}");
    }
    assert_eq!(app.get("/you/nope/imdb.csv").await.status, 404);
    assert_eq!(app.get("/you/seen/nope.csv").await.status, 404);
}

#[actix_web::test]
async fn five_hundred_lines_all_find_their_films() {
    let app = TestApp::with_many_films(500).await;
    let line = |n: u16| format!("2024-01-01,Film {n},{},x\n", 1900 + n % 120);
    let file = format!("Date,Name,Year,URI\n{}", (1..=500).map(line).collect::<String>());
    let page = app.bring(&file, "listed").await;
    assert_eq!(results(&page), ["500 films added to your watchlist."]);
    assert_eq!(app.get("/watchlist?view=table").await.films().len(), 500);
}

#[actix_web::test]
async fn upload_reports_films_without_room() {
    let app = TestApp::with_many_films(120).await;
    app.get("/movies").await;
    let full: Value = (10_001..=11_950).map(|n| (format!("listed:{n}"), json!(1))).collect();
    app.replace_session(&full).await;
    let line = |n: u16| format!("Film {n},{}\n", 1900 + n % 120);
    let file = format!("Name,Year\n{}", (1..=120).map(line).collect::<String>());
    let page = app.bring(&file, "listed").await;
    assert_eq!(
        results(&page),
        ["50 films added to your watchlist.", "70 films left out because the list is full."]
    );
}

#[actix_web::test]
async fn invalid_uploads_are_refused_with_a_message() {
    let app = TestApp::with_many_films(3).await;
    let huge = format!("Name\n{}", "x\n".repeat(700_000));
    for (file, words) in [
        ("", "the file has no “name” or “title” column."),
        ("a,b\n1,2", "the file has no “name” or “title” column."),
        ("[1]", "the file has no “name” or “title” column."),
    ] {
        let page = app.bring(file, "listed").await;
        assert_eq!(page.status, 422);
        let problem = page.texts("[role=alert]").concat().to_lowercase();
        assert!(problem.contains(words), "{problem}");
    }
    let page = app.bring(&huge, "listed").await;
    assert_eq!((page.status, page.texts("h1")), (413, vec!["This is too large".into()]));
    let plain = app.post("/you/import", &[("file", "x")]).await;
    assert_eq!(plain.status, 422);
    assert_eq!(app.get("/you/import").await.header("location"), "/you#import");
    assert_eq!(app.count("sessions").await, 0);
}

#[actix_web::test]
async fn an_export_brings_everything_back_after_an_erase() {
    let app = TestApp::with_many_films(30).await;
    app.get("/movies").await;
    app.post("/preferences", &[("theme", "dark"), ("per_page", "6"), ("history", "on")]).await;
    app.post("/movies/film-1-1901/watchlist", &[]).await;
    app.post("/movies/film-2-1902/rating", &[("stars", "2")]).await;
    app.post("/notices/no-account/dismiss", &[]).await;
    app.get("/movies/film-3-1903").await;
    let export = app.get("/you/export.json").await.html;
    app.post("/you/erase", &[]).await;

    let page = app.bring(&export, "listed").await;

    assert_eq!(
        results(&page),
        [
            "1 watchlist film",
            "1 film marked as seen",
            "1 rating",
            "1 recently viewed film",
            "3 preferences",
            "2 other values"
        ]
    );
    assert_eq!(app.session().await, serde_json::from_str::<Value>(&export).unwrap());
    assert_eq!(page.attributes("html", "data-theme"), ["dark"]);
}

#[actix_web::test]
async fn restore_accepts_only_valid_values() {
    let app = TestApp::with_many_films(30).await;
    let viewed = (1..=30).map(|n| format!("\"viewed:{n}\":{n}")).collect::<Vec<_>>().join(",");
    let odd = format!(
        r#"{{"theme":"pink","sort":7,"per_page":25,"num_visits":-1,"_session_expiry":1,"x":[],
            "listed:1":0,"rating:1":9,"notice:a":"no digest","listed:999999":5,"history":"off",{viewed}}}"#
    );
    let page = app.bring(&odd, "listed").await;
    assert_eq!(results(&page), ["30 recently viewed films", "1 preference"]);
    assert_eq!(
        page.texts(".message p"),
        [
            "Restored:",
            "1 mark skipped: the film is not in the catalogue.",
            "9 unknown values skipped."
        ]
    );
    let Value::Object(session) = app.session().await else { unreachable!() };
    assert_eq!(session.len(), 21);
    assert_eq!(session["history"], "off");
}
