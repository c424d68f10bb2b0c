//! Options of an import, the ways films are recognised again, and files of every make.

use marquee::catalog::import::{self, Input, Mapping, Options, ReadOptions};
use serde_json::json;

use crate::import_forms::{films, import};
use crate::import_kinds::{error, read_with, values};
use crate::support::{TestApp, connect};

#[actix_web::test]
async fn misspelt_columns_in_options_are_errors() {
    let map = |map: &str, filter: &str| {
        let texts = |text: &str| -> Vec<String> {
            (!text.is_empty()).then(|| text.to_owned()).into_iter().collect()
        };
        let mapping = Mapping::new(&texts(map), None, &texts(filter));
        ReadOptions { mapping: mapping.unwrap(), ..ReadOptions::default() }
    };
    for (name, text) in
        [("a.csv", "title,Year\nA,1950\n"), ("a.json", r#"[{"title":"A","Year":1950}]"#)]
    {
        let error = error(name, text.as_bytes(), map("year=Yaer", "")).await;
        assert!(error.contains("no column \"Yaer\". Did you mean \"Year\"?"), "{error}");
    }
    let text = "title,Type\nA,Movie\nB,Series\nC,movie\n";
    let (films, _) = read_with("a.csv", text, map("", "Type=Movie")).await;
    assert_eq!(values(&films, "title"), [json!("A"), json!("C")]);
    let (films, _) = read_with("a.csv", text, map("", "Type!=Movie")).await;
    assert_eq!(values(&films, "title"), [json!("B")]);
}

#[actix_web::test]
async fn blank_values_clear_facts_only_in_marquee_json() {
    let app = TestApp::with_films(
        r#"{"title":"A","year":1950,"runtime":90,"tags":["war"],"synopsis":"S.","imdb":"tt1","country":"Italy"}"#,
    )
    .await;
    let keep = [("a.csv", b"title,year,runtime,genre\nA,1950,,\n".to_vec())];
    let (plan, _) = import(&app, &keep, ReadOptions::default()).await.unwrap();
    assert_eq!(plan.movies.unchanged, 1);
    let clear = r#"{"title":"A","year":1950,"runtime":null,"tags":[],"synopsis":"","imdb":null}"#;
    assert_eq!(app.import(clear).await.unwrap().movies.updated, 1);
    assert_eq!(films(&app).await, [json!({"title": "A", "year": 1950, "country": ["Italy"]})]);
    let blank = [("a.csv", b"title,year,country\nA,1950,\n".to_vec())];
    let options = ReadOptions { clear_blank: true, ..ReadOptions::default() };
    import(&app, &blank, options).await.unwrap();
    assert_eq!(films(&app).await, [json!({"title": "A", "year": 1950})]);
}

#[actix_web::test]
async fn import_updates_a_corrected_title_by_slug() {
    let app = TestApp::with_films(r#"{"title":"Rann","year":1985,"slug":"ran-1985"}"#).await;
    let plan = app.import(r#"{"title":"Ran","year":1985,"slug":"ran-1985"}"#).await.unwrap();
    assert_eq!((plan.movies.added, plan.movies.updated), (0, 1));
    assert_eq!(films(&app).await, [json!({"title": "Ran", "year": 1985})]);
}

#[actix_web::test]
async fn tables_of_every_make_are_read() {
    let expected = [json!({"title": "Die Brücke", "year": 1959})];
    let text = "Titel;Jahr\nDie Brücke;1959\n";
    let excel = format!("\u{feff}sep=;\n{text}");
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let zip = {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file("list.csv", options).unwrap();
        std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        writer.finish().unwrap().into_inner()
    };
    let files: [(&str, Vec<u8>); 7] = [
        ("list.csv", excel.into_bytes()),
        ("list.csv", utf_16),
        ("list.tab", text.replace(';', "\t").into_bytes()),
        ("list.psv", text.replace(';', "|").into_bytes()),
        ("list.zip", zip),
        ("list.csv.zst", zstd::encode_all(text.as_bytes(), 1).unwrap()),
        ("list", text.as_bytes().to_vec()),
    ];
    for (name, bytes) in files {
        let app = TestApp::spawn().await;
        import(&app, &[(name, bytes)], ReadOptions::default()).await.unwrap();
        assert_eq!(films(&app).await, expected, "{name}");
    }
}

#[actix_web::test]
async fn dry_run_counts_equal_import_counts() {
    let app = TestApp::with_many_films(3).await;
    let text =
        "title,year,director,weather\nFilm 1,1901,Ann Other,\nNew,1950,Bo Third,fine\n,1,,\n";
    let plan = async |dry_run| {
        let options = Options { dry_run, ..Options::default() };
        let inputs = vec![Input::new("a.csv", std::io::Cursor::new(text.as_bytes().to_vec()))];
        let mut conn = connect(&app.database).await;
        import::run(&mut conn, inputs, &options, &mut |_| {}).await.unwrap()
    };
    let before = app.export().await;
    let dry = plan(true).await;
    assert_eq!(app.export().await, before);
    let real = plan(false).await;
    assert_eq!((dry.movies, dry.read, &dry.skipped), (real.movies, real.read, &real.skipped));
    assert_eq!((dry.movies.added, dry.movies.unchanged, dry.total_skipped()), (1, 1, 1));
    assert_eq!(dry.samples.iter().map(|movie| &movie.title).collect::<Vec<_>>(), ["Film 1", "New"]);
    let unused: Vec<&str> = dry.files[0]
        .columns
        .iter()
        .filter(|column| column.field.is_none())
        .map(|column| &*column.name)
        .collect();
    assert_eq!(unused, ["weather"]);
}

/// Every column of a film has a value that no other has: two columns mixed up would show.
#[actix_web::test]
async fn facts_are_stored_in_their_columns() {
    let film = json!({"title": "Title", "original_title": "Original", "year": 1950,
        "released": "1950-03-04", "runtime": 77, "directors": ["Ann Lee"], "tags": ["Drama", "War"],
        "country": ["Italy", "France"], "language": ["it", "fr"], "cast": ["Bo Ek", "Cy Vos"],
        "synopsis": "Synopsis.", "source_url": "https://example.org/page", "imdb": "tt1",
        "tmdb": "2", "wikidata": "Q3", "movielens": "4", "omdb": "5",
        "wikipedia": "https://en.wikipedia.org/wiki/T", "ids": {"club": "6"}});
    let app = TestApp::with_films(&film.to_string()).await;
    assert_eq!(films(&app).await, std::slice::from_ref(&film));
    let mut changed = film.clone();
    changed["original_title"] = json!("Another");
    changed["country"] = json!(["Japan"]);
    app.import(&changed.to_string()).await.unwrap();
    assert_eq!(films(&app).await, [changed]);
}
