use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::TestApp;

const FILMS: &str = r#"
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["drama","war"],"country":"Japan","language":"ja","runtime":160,"wikidata":"Q1"}
{"title":"Chaos","year":2005,"directors":["Tony Giglio"],"wikidata":"Q2"}
{"title":"Chaos","year":2005,"directors":["Tony Giglio"],"wikidata":"Q3"}
{"director":"Akira Kurosawa","born":1910,"died":1998,"biography":"A painter first."}
"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[actix_web::test]
async fn repeated_import_changes_nothing() {
    let app = TestApp::spawn().await;
    let first = app.import(FILMS).await.unwrap();
    assert_eq!((first.movies.added, first.people.total(), first.total_skipped()), (3, 1, 0));
    let before = (app.get("/movies").await.html, app.get("/directors/akira-kurosawa").await.html);

    let second = app.import(FILMS).await.unwrap();

    assert_eq!((second.movies.added, second.movies.updated, second.movies.unchanged), (0, 0, 3));
    assert_eq!((second.people.unchanged, second.people_added), (1, 0));
    let films = |html: &str| html.split("<footer").next().unwrap().to_owned();
    let after = (app.get("/movies").await.html, app.get("/directors/akira-kurosawa").await.html);
    assert_eq!((films(&before.0), films(&before.1)), (films(&after.0), films(&after.1)));
}

#[actix_web::test]
async fn films_of_one_title_and_year_get_a_number() {
    let app = TestApp::with_films(FILMS).await;
    assert_eq!(
        app.get("/movies?sort=title").await.films(),
        ["chaos-2005", "chaos-2005-2", "ran-1985"]
    );
    app.import(r#"{"title":"Chaos","year":2005,"directors":["Else"],"wikidata":"Q4"}"#)
        .await
        .unwrap();
    assert_eq!(app.get("/movies/chaos-2005-3").await.status, 200);
}

#[actix_web::test]
async fn film_slugs_avoid_reserved_paths() {
    let films = "{\"title\":\"Random\"}\n{\"title\":\"Random!\",\"slug\":\"random\"}";
    let app = TestApp::with_films(films).await;
    let slugs = app.get("/movies").await.films();
    assert_eq!(slugs.len(), 2);
    for slug in slugs {
        assert_eq!(app.get(&format!("/movies/{slug}")).await.status, 200, "{slug}");
    }
}

#[actix_web::test]
async fn record_changes_only_its_facts() {
    let app = TestApp::with_films(FILMS).await;

    let corrected = r#"{"title":"Ran!","wikidata":"Q1","runtime":162,"tags":["Epic"]}"#;
    let summary = app.import(corrected).await.unwrap();

    assert_eq!((summary.movies.added, summary.movies.updated), (0, 1));
    let page = app.get("/movies/ran-1985").await;
    assert_eq!(page.texts("h1"), ["Ran! 1985"], "the address stays");
    assert_eq!(page.texts("dd"), ["2 h 42 min", "Japan", "Japanese"]);
    assert_eq!(page.texts(".film .chips a"), ["Epic", "Wikidata"]);
    assert_eq!(page.texts(".film__by a"), ["Akira Kurosawa"]);
}

#[actix_web::test]
async fn directors_of_one_name_are_told_apart_by_their_numbers() {
    let app = TestApp::with_films(
        r#"{"director":"Ann Other","born":1900,"biography":"One of two."}
           {"title":"Old","directors":["Ann Other"]}"#,
    )
    .await;
    let films = r#"
        {"title":"One","directors":[{"name":"Ann Other","imdb":"nm1"}]}
        {"title":"Two","directors":[{"name":"Ann Other","imdb":"nm2"},"Ann Other"]}
        {"title":"Three","directors":["Bo Third",{"name":"Bo Third","imdb":"nm3"}]}
        {"director":"Ann Other","imdb":"nm2","born":1950}"#;

    let plan = app.import(films).await.unwrap();

    assert_eq!((plan.movies.added, plan.people_added), (3, 2));
    let directed = async |slug| app.get(&format!("/directors/{slug}")).await;
    let (one, two) = (directed("ann-other").await, directed("ann-other-2").await);
    assert_eq!(one.films(), ["old", "one", "two"]);
    assert_eq!(two.films(), ["two"]);
    assert!(one.outline().contains("born 1900") && two.outline().contains("born 1950"));
    assert_eq!(directed("bo-third").await.films(), ["three"]);
    let exported = app.export().await;
    let again = app.import(films).await.unwrap();
    assert_eq!((again.movies.unchanged, again.people_added), (3, 0));
    assert_eq!(app.export().await, exported);
}

#[actix_web::test]
async fn unusable_records_are_skipped_and_named() {
    let app = TestApp::spawn().await;
    let lines = b"{\"title\":\"A\",\"year\":1950,\"imdb\":\"tt1\"}\n{\"year\":1951}\n\n\
        {\"title\":\"A again\",\"imdb\":\"tt1\"}\n{\"title\":\"B\",\"year\":12,\"directors\":[\"3 directors\"]}\n";

    let (plan, problems) = app.import_bytes(lines, false).await;

    let plan = plan.unwrap();
    assert_eq!((plan.movies.added, plan.total_skipped(), plan.total_fixed()), (2, 2, 2));
    assert_eq!(plan.read, 4);
    assert_eq!(
        problems,
        [
            "films.jsonl:2: no title",
            "films.jsonl:5: year: \"12\" is not a year from 1870 to 2199; left out",
            "films.jsonl:5: directors: \"3 directors\" is not a person's name; left out",
            "films.jsonl:4: A again: the film is in this import already; the first counts",
        ]
    );
}

#[actix_web::test]
async fn damaged_file_changes_nothing_and_is_named() {
    let app = TestApp::with_films(FILMS).await;
    let before = app.get("/movies").await.films();
    let many: String = (0..3000).map(|n| format!("{{\"title\":\"New {n}\"}}\n")).collect();
    let packed = gzip(many.as_bytes());
    let mut huge = many.clone().into_bytes();
    huge.extend(vec![b'x'; 50_000_000]);
    let mut invalid = many.clone().into_bytes();
    invalid.extend(b"{\"title\":\"caf\xe9\"}");
    for (bytes, reason) in [
        (packed[..packed.len() - 20].to_vec(), "the file is cut off"),
        (invalid, "films.jsonl:3001: the text is not UTF-8"),
        (huge, "films.jsonl:3001: the file is cut off, damaged or not JSON"),
        (format!("{many}{{\"title\"").into_bytes(), "films.jsonl:3001: the file is cut off"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "films.jsonl: the file is a picture"),
        (gzip(&gzip(many.as_bytes())), "films.jsonl: the file is compressed twice"),
    ] {
        let (result, _) = app.import_bytes(&bytes, true).await;
        let error = format!("{:#}", result.unwrap_err());
        assert!(error.contains(reason), "{error}");
        assert_eq!(app.get("/movies").await.films(), before, "{reason}");
    }
}

#[actix_web::test]
async fn replace_keeps_only_films_of_the_files() {
    let app = TestApp::with_films(FILMS).await;
    let (plan, _) = app.import_bytes(&gzip(br#"{"title":"Ran","wikidata":"Q1"}"#), true).await;
    assert_eq!(plan.unwrap().removed, 2);
    assert_eq!(app.get("/movies").await.films(), ["ran-1985"]);
    assert_eq!(app.count("people").await, 1);
    assert_eq!(app.count("tags").await, 2);
}

#[actix_web::test]
async fn readers_see_the_old_catalogue_until_the_import_commits() {
    let app = TestApp::with_films(FILMS).await;
    let lines: String = (0..5000).map(|n| format!("{{\"title\":\"New {n}\"}}\n")).collect();
    let mut totals = std::collections::BTreeSet::new();
    let import = app.import(&lines);
    futures_util::pin_mut!(import);
    loop {
        let page =
            async { app.get("/movies").await.attributes("[data-total]", "data-total").concat() };
        futures_util::pin_mut!(page);
        match futures_util::future::select(&mut import, page).await {
            futures_util::future::Either::Left((result, _)) => {
                result.unwrap();
                break;
            }
            futures_util::future::Either::Right((total, _)) => _ = totals.insert(total),
        }
    }
    assert!(totals.iter().all(|total| total == "3" || total == "5003"), "{totals:?}");
    assert!(totals.contains("3"), "no page was read during the import");
    assert_eq!(app.get("/movies").await.attributes("[data-total]", "data-total"), ["5003"]);
}
