use std::io::{Cursor, Write};

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
async fn letterboxd_list_is_matched_by_title_and_year() {
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
    assert_eq!(page.status, 200);
    assert_eq!(
        results(&page),
        [
            "4 films added to your watchlist.",
            "2 films not in the catalogue.",
            "1 line without a title."
        ]
    );
    assert_eq!(page.texts("td"), ["Solaris (1987)", "5", "<b>Nowhere</b>", "6"]);
    assert_eq!(
        app.get("/watchlist").await.films(),
        ["quote-and-comma-1999", "solaris-1972", "spirited-away-2001", "the-general-1926"]
    );
    let again = app.bring(file, "listed").await;
    assert_eq!(results(&again)[..2], ["Nothing new was added.", "4 films already on the list."]);
}

#[actix_web::test]
async fn imdb_ratings_are_imported_as_seen_films() {
    let app = TestApp::with_films(FILMS).await;
    let file = "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,Num Votes,Release Date,Directors\n\
        tt0017925,9,2020-05-06,Another Name,,,Movie,8.1,75,1900,Comedy,1,1926-12-31,Buster Keaton\n\
        tt9999999,,2020-05-06,Solaris,,,Movie,8.1,,2002,,,,\n";
    let page = app.bring(file, "seen").await;
    assert_eq!(results(&page), ["2 films marked as seen.", "1 rating saved."]);
    let page = app.get("/movies/the-general-1926").await;
    assert_eq!(page.attributes(".star[aria-pressed=true]", "value"), ["4.5"]);
    assert_eq!(app.get("/seen").await.films(), ["solaris-2002", "the-general-1926"]);
    assert_eq!(app.get("/watchlist").await.films(), [""; 0]);
}

#[actix_web::test]
async fn exported_lists_round_trip() {
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
        ("", "is not a list of films"),
        ("a,b\n1,2", "the file has no “name” or “title” column. its columns are a, b."),
        ("[1]", "is not a list of films"),
        ("{\"films\":1}", "is not a list of films"),
        (&format!("Name\n{}", "x\n".repeat(20_000)), "more than 10,000 lines"),
        (&format!("Name\n{}", ",\n".repeat(500_000)), "more than 10,000 lines"),
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
async fn export_restores_everything_after_an_erase() {
    let app = TestApp::with_many_films(30).await;
    app.get("/movies").await;
    app.post("/preferences", &[("theme", "dark"), ("per_page", "6"), ("history", "on")]).await;
    app.post("/movies/film-1-1901/watchlist", &[]).await;
    app.post("/movies/film-2-1902/rating", &[("stars", "2")]).await;
    app.post("/notices/no-account/dismiss", &[]).await;
    app.get("/movies/film-3-1903").await;
    let before = app.session().await;
    let export = app.get("/you/export.json").await.html;
    assert!(!export.contains("listed:") && export.contains("\"slug\":\"film-1-1901\""), "{export}");
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
    assert_eq!(app.session().await, before);
    assert_eq!(page.attributes("html", "data-theme"), ["dark"]);
}

#[actix_web::test]
async fn export_marks_the_same_films_in_another_database() {
    let app = TestApp::with_films(FILMS).await;
    app.post("/movies/solaris-2002/rating", &[("stars", "4")]).await;
    app.post("/movies/the-general-1926/watchlist", &[]).await;
    let export = app.get("/you/export.json").await.html;
    let rebuilt = TestApp::with_films(
        r#"{"title":"Another","year":1900}
           {"title":"Solaris","year":2002,"slug":"solaris"}
           {"title":"The General, restored","year":1927,"imdb":"tt0017925"}
           {"title":"Third","year":1926,"slug":"the-general-1926"}"#,
    )
    .await;
    let page = rebuilt.bring(&export, "listed").await;
    assert_eq!(results(&page), ["1 watchlist film", "1 film marked as seen", "1 rating"]);
    assert_eq!(rebuilt.get("/watchlist").await.films(), ["the-general-restored-1927"]);
    assert_eq!(rebuilt.get("/seen").await.films(), ["solaris"]);
    // Exports of earlier versions have only numbers of films.
    let page = rebuilt.bring("{\"listed:1\":5,\"theme\":\"dark\"}", "listed").await;
    assert_eq!(results(&page), ["1 preference"]);
    assert_eq!(
        page.texts(".message p"),
        ["Restored:", "1 film skipped: this older export identifies films only by number."]
    );
    assert_eq!(page.texts("details li"), ["Another (1900)"]);
    assert_eq!(rebuilt.get("/watchlist").await.films(), ["the-general-restored-1927"]);
}

#[actix_web::test]
async fn restore_accepts_only_valid_values() {
    let app = TestApp::with_many_films(30).await;
    let viewed = |n: u16| json!({"title": format!("Film {n}"), "year": 1900 + n, "viewed": n});
    let mut films: Vec<Value> = (1..=30).map(viewed).collect();
    films.push(json!({"title": "Film 1", "year": 1901, "listed": 0, "rating": 9, "loved": 1}));
    films.push(json!({"title": "Nowhere", "year": 1950, "listed": 5}));
    let odd = json!({"theme": "pink", "sort": 7, "per_page": 25, "num_visits": -1, "_session_expiry": 1,
        "x": [], "notice:a": "no digest", "notice:\0": "12345678", "history": "off", "films": films});
    let page = app.bring(&odd.to_string(), "listed").await;
    assert_eq!(results(&page), ["30 recently viewed films", "1 preference"]);
    assert_eq!(
        page.texts(".message p"),
        ["Restored:", "1 film skipped: not in the catalogue.", "8 unknown values skipped."]
    );
    let Value::Object(session) = app.session().await else { unreachable!() };
    assert_eq!(session.len(), 21);
    assert_eq!(session["history"], "off");
}

#[actix_web::test]
async fn report_accounts_for_every_line() {
    let app = TestApp::with_films(FILMS).await;
    let diary = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n\
        2020-01-02,The General,1926,x,3,,,2020-01-01\n\
        2023-05-06,The General,1926,x,5,Yes,,2023-05-05\n\
        2023-05-06,Solaris,,x,bad,,,2023-05-05\n\
        2023-05-06,Spirited Away,2001,x,odd,,,2023-05-05\n";
    let page = app.bring(diary, "listed").await;
    assert_eq!(
        results(&page),
        [
            "2 films marked as seen.",
            "1 rating saved.",
            "2 films with a rating went to your seen films, not to your watchlist.",
            "1 line may mean several films.",
            "2 ratings not understood."
        ]
    );
    assert_eq!(page.texts("section li"), ["line 4, Solaris: Solaris (1972), Solaris (2002)"]);
    let film = app.get("/movies/the-general-1926").await;
    assert_eq!(film.attributes(".star[aria-pressed=true]", "value"), ["5"]);
    let many: String = (1..=5000).map(|n| format!("Nowhere {n},1950\n")).collect();
    let many = format!("Name,Year\n{many}");
    let page = app.bring(&many, "listed").await;
    assert_eq!(results(&page)[1], "5,000 films not in the catalogue.");
    assert!(page.html.len() < 30_000, "{}", page.html.len());
}

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[actix_web::test]
async fn letterboxd_archive_fills_every_list() {
    let app = TestApp::with_films(FILMS).await;
    let archive = zip(&[
        ("me/profile.csv", "Date Joined,Username\n2020-01-01,me\n"),
        ("me/watchlist.csv", "Date,Name,Year,Letterboxd URI\n2024-01-02,Spirited Away,2001,x\n"),
        (
            "me/watched.csv",
            "Date,Name,Year,Letterboxd URI\n2024-01-02,The General,1926,x\n2024-01-03,Nowhere,1950,x\n",
        ),
        (
            "me/ratings.csv",
            "Date,Name,Year,Letterboxd URI,Rating\n2022-01-02,The General,1926,x,4\n",
        ),
        (
            "me/diary.csv",
            "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n\
             2021-01-02,The General,1926,x,3,,,2021-01-01\n\
             2023-05-06,The General,1926,x,2.5,Yes,,2023-05-05\n\
             2023-05-06,Nowhere,1950,x,2.5,Yes,,2023-05-05\n\
             2023-05-06,Solaris,1972,x,odd,,,2023-05-05\n",
        ),
        ("me/likes/films.csv", "Date,Name,Year,Letterboxd URI\n2024-01-02,Solaris,2002,x\n"),
        ("me/lists/best.csv", "Letterboxd list export v7\n"),
        ("me/deleted/diary.csv", "Date,Name,Year,Letterboxd URI\n2024-01-02,Solaris,2002,x\n"),
    ]);
    let page = app.bring(&archive, "listed").await;
    assert_eq!(
        results(&page),
        [
            "1 film added to your watchlist.",
            "2 films marked as seen.",
            "1 rating saved.",
            "1 film not in the catalogue.",
            "1 rating not understood.",
            "2 lists of the archive not imported."
        ]
    );
    assert_eq!(page.texts("td"), ["Nowhere (1950)", "me/diary.csv 4"]);
    assert_eq!(
        page.texts("details li"),
        [
            "me/diary.csv, line 5: the rating odd was not understood.",
            "me/likes/films.csv was not imported. To add its films to your watchlist or seen films, import that file by itself.",
            "me/lists/best.csv was not imported. To add its films to your watchlist or seen films, import that file by itself.",
            "me/profile.csv was not imported: it has no films to mark.",
            "me/deleted/diary.csv was not imported: it has no films to mark."
        ]
    );
    assert_eq!(app.get("/watchlist").await.films(), ["spirited-away-2001"]);
    assert_eq!(app.get("/seen").await.films(), ["the-general-1926", "solaris-1972"]);
    let film = app.get("/movies/the-general-1926").await;
    assert_eq!(film.attributes(".star[aria-pressed=true]", "value"), ["2.5"]);
    let again = app.bring(&archive, "listed").await;
    assert_eq!(results(&again)[..2], ["Nothing new was added.", "3 films already on the list."]);

    let single = zip(&[("my-list.csv", "Name,Year\nSolaris,2002\n")]);
    let page = app.bring(&single, "seen").await;
    assert_eq!(results(&page), ["1 film marked as seen."]);
    let useless = zip(&[("profile.csv", "a\n"), ("comments.csv", "b\n")]);
    assert_eq!(app.bring(&useless, "seen").await.status, 422);
}

#[actix_web::test]
async fn full_list_leaves_room_in_the_others() {
    let app = TestApp::with_many_films(2060).await;
    let named = |films: std::ops::RangeInclusive<u16>| -> String {
        films.map(|n| format!("Film {n},{}\n", 1900 + n % 120)).collect()
    };
    let list = format!("Name,Year\n{}", named(1..=2000));
    assert_eq!(
        results(&app.bring(&list, "listed").await),
        ["2,000 films added to your watchlist."]
    );
    let archive = zip(&[
        ("watchlist.csv", &format!("Name,Year\n{}", named(2001..=2060))),
        ("watched.csv", &format!("Name,Year\n{}", named(1..=3))),
    ]);
    assert_eq!(
        results(&app.bring(&archive, "listed").await),
        ["3 films marked as seen.", "60 films left out because the list is full."]
    );
}
