//! Kinds of real files that lose or falsify data when they are read carelessly, each in its smallest
//! form.

use marquee::catalog::import::{self, Input, Options, Plan, ReadOptions};
use serde_json::{Value, json};

use crate::import_forms::{assert_repeatable, films, import};
use crate::support::{TestApp, connect};

/// Imports one file into an empty catalogue; returns the films and the problems.
pub async fn read(name: &'static str, text: &str) -> (Vec<Value>, Vec<String>) {
    read_with(name, text, ReadOptions::default()).await
}

pub async fn read_with(
    name: &'static str,
    text: &str,
    options: ReadOptions,
) -> (Vec<Value>, Vec<String>) {
    let app = TestApp::spawn().await;
    let files = [(name, text.as_bytes().to_vec())];
    let (_, problems) = import(&app, &files, options.clone()).await.unwrap();
    let films = films(&app).await;
    assert_repeatable(&app, &files, options).await;
    (films, problems)
}

pub async fn error(name: &'static str, bytes: &[u8], options: ReadOptions) -> String {
    let app = TestApp::spawn().await;
    let files = [(name, bytes.to_vec())];
    format!("{:#}", import(&app, &files, options).await.unwrap_err())
}

async fn replace(app: &TestApp, text: &str, options: Options) -> anyhow::Result<Plan> {
    let inputs = vec![Input::new("list.csv", std::io::Cursor::new(text.as_bytes().to_vec()))];
    let options = Options { replace: true, ..options };
    import::run(&mut connect(&app.database).await, inputs, &options, &mut |_| {}).await
}

pub fn values(films: &[Value], key: &str) -> Vec<Value> {
    films.iter().map(|film| film[key].clone()).collect()
}

#[actix_web::test]
async fn replace_is_refused_where_few_films_would_be_left() {
    let app = TestApp::with_many_films(10).await;
    let before = app.export().await;
    for text in [
        "",
        "title,year\n",
        "title,year\n,1950\n",
        "{\"films\":[]}",
        "{\"director\":\"Ann Other\",\"born\":1900}",
        "<html><title>500</title></html>",
        "title,year\nOnly One,1950\n",
    ] {
        let refused = replace(&app, text, Options::default()).await;
        assert!(refused.is_err(), "{text}");
        assert_eq!(app.export().await, before, "{text}");
    }
    let one = "title,year\nOnly One,1950\n";
    let refused = replace(&app, one, Options::default()).await.unwrap_err().to_string();
    assert!(refused.contains("remove 10 of 10 films") && refused.contains("--remove-most"));
    let dry = Options { dry_run: true, ..Options::default() };
    let plan = replace(&app, one, dry).await.unwrap();
    assert!(plan.refusal.is_some() && plan.removed == 10 && plan.removed_titles.len() == 10);
    assert_eq!(app.export().await, before);
    let confirmed = Options { remove_most: true, ..Options::default() };
    assert_eq!(replace(&app, one, confirmed).await.unwrap().removed, 10);
}

#[actix_web::test]
async fn identifiers_of_lists_never_match_other_lists() {
    let app = TestApp::spawn().await;
    let spring = ("spring.csv", b"id,title,year\n1,Alpha,1950\n2,Beta,1951\n".to_vec());
    let autumn = ("autumn.csv", b"id,title,year\n1,Gamma,1960\n2,Alpha,1950\n".to_vec());
    let files = [spring.clone(), autumn.clone()];
    let (plan, _) = import(&app, &files, ReadOptions::default()).await.unwrap();
    assert_eq!((plan.movies.added, plan.total_skipped()), (3, 1));
    for file in [spring, autumn] {
        let (plan, _) = import(&app, &[file], ReadOptions::default()).await.unwrap();
        assert_eq!(plan.movies.added, 0);
    }
    let list = Some("club".to_owned());
    let club = ReadOptions { list, ..ReadOptions::default() };
    let first = [("a.csv", b"id,title,year\n7,Delta,1970\n".to_vec())];
    let corrected = [("b.csv", b"id,title,year\n7,Delta!,1971\n".to_vec())];
    import(&app, &first, club.clone()).await.unwrap();
    let (plan, _) = import(&app, &corrected, club).await.unwrap();
    assert_eq!((plan.movies.added, plan.movies.updated), (0, 1));
    assert_eq!(films(&app).await.last().unwrap()["ids"], json!({"club": "7"}));
}

#[actix_web::test]
async fn malformed_identifiers_are_ignored() {
    let (films, problems) = read(
        "list.csv",
        "Title,Year,IMDb,tmdb_id,wikidata\n\
         A,1950,7.5,12.0,http://www.wikidata.org/entity/q5\n\
         B,1951,https://www.imdb.com/title/TT0000002/,x,Q\n",
    )
    .await;
    assert_eq!(values(&films, "imdb"), [json!(null), json!("tt0000002")]);
    assert_eq!(values(&films, "tmdb"), [json!("12"), json!(null)]);
    assert_eq!(values(&films, "wikidata"), [json!("Q5"), json!(null)]);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains("list.csv:2: IMDb: \"7.5\" is not an identifier"), "{problems:?}");
}

#[actix_web::test]
async fn title_and_director_columns_are_a_film_table() {
    let text =
        "{\"title\":\"A\",\"director\":\"Ann Other\"}\n{\"director\":\"Bo Third\",\"born\":1900}\n";
    let (films, problems) = read("list.jsonl", text).await;
    assert_eq!(films, [json!({"title": "A", "directors": ["Ann Other"]})]);
    assert_eq!(problems, [""; 0]);
}

#[actix_web::test]
async fn duplicate_columns_use_the_first_and_report_the_other() {
    let (films, problems) =
        read("list.csv", "Film,Name,year,date,premiere\nFirst,Second,1980,1980-02-03,1980-04-05\n")
            .await;
    assert_eq!(films, [json!({"title": "First", "year": 1980, "released": "1980-02-03"})]);
    assert_eq!(problems.len(), 2, "{problems:?}");
    let swapped = read("list.json", r#"[{"name":"Second","title":"First"}]"#).await.0;
    let same = read("list.json", r#"[{"title":"First","name":"Second"}]"#).await.0;
    assert_eq!(swapped, same, "the order of keys has no meaning");
}

#[actix_web::test]
async fn indistinguishable_films_are_reported() {
    let (films, problems) = read("list.csv", "title,genre\nTwin,Drama\nTwin,Comedy\n").await;
    assert_eq!(films.len(), 1);
    assert!(problems[0].contains("nothing tells the two apart"), "{problems:?}");
    let text = "title,id\nTwin,a\nTwin,b\n";
    assert_eq!(read("list.csv", text).await.0.len(), 2);
}

#[actix_web::test]
async fn ambiguous_dates_need_a_format_and_keep_their_year() {
    let text = "title;release_date\nA;(1980)\nB;03/04/1980\nC;3 April 1980\nD;1980年4月3日\n";
    let (films, problems) = read("list.csv", text).await;
    assert_eq!(values(&films, "year"), vec![json!(1980); 4]);
    let released = ["1980-04-03"; 2].map(Value::from);
    assert_eq!(values(&films[2..], "released"), released);
    assert!(problems.iter().any(|problem| problem.contains("--date-format")), "{problems:?}");
    let date_format = Some("%d/%m/%Y".to_owned());
    let options = ReadOptions { date_format, ..ReadOptions::default() };
    let (films, _) = read_with("list.csv", text, options).await;
    assert_eq!(films[1]["released"], "1980-04-03");
    let lines = "{\"title\":\"A\",\"released\":\"1980\"}\n{\"title\":\"B\",\"year\":\"1981\"}\n";
    let (films, problems) = read("list.jsonl", lines).await;
    assert_eq!((values(&films, "year"), problems.len()), (vec![json!(1980), json!(1981)], 0));
}

#[actix_web::test]
async fn running_times_are_read_with_their_units() {
    let text = "title,duration\nA,1h 30m\nB,PT90M\nC,2 Seasons\nD,\"90,0\"\n";
    let (films, problems) = read("list.csv", text).await;
    assert_eq!(values(&films, "runtime"), [json!(90), json!(90), json!(null), json!(90)]);
    assert_eq!(problems.len(), 1, "{problems:?}");
}

#[actix_web::test]
async fn kodi_files_and_deep_documents_are_read() {
    let nfo = "<?xml version=\"1.0\"?><movie><actor><name>Ann Actor</name><role>R</role></actor>\
        <title>Alpha</title><uniqueid type=\"tmdb\">7</uniqueid><uniqueid type=\"imdb\">tt0000007</uniqueid>\
        <director>Di Rector</director><premiered>1980-02-03</premiered><set><name>S</name></set></movie>";
    let (films, problems) = read("movie.nfo", nfo).await;
    assert_eq!(
        films,
        [
            json!({"title": "Alpha", "year": 1980, "released": "1980-02-03", "directors": ["Di Rector"],
            "cast": ["Ann Actor"], "imdb": "tt0000007", "tmdb": "7"})
        ]
    );
    assert_eq!(problems, ["movie.nfo:1: the column \"set\" is not used"]);
    let deep =
        "<r><head><name>x</name></head><films><f><title>A</title><year>1950</year></f></films></r>";
    assert_eq!(read("list.xml", deep).await.0, [json!({"title": "A", "year": 1950})]);
    let unknown =
        error("list.xml", b"<r><f><label>A</label></f></r>", ReadOptions::default()).await;
    assert!(unknown.contains("r/f/label"), "{unknown}");
}

#[actix_web::test]
async fn lists_inside_objects_and_known_exports_are_read() {
    for text in [
        r#"{"count":1,"films":[{"title":"Ran","year":1985}]}"#,
        r#"{"page":1,"results":[{"id":11645,"original_language":"ja","original_title":"Ran","overview":"","release_date":"1985-01-01","title":"Ran"}]}"#,
        r#"[{"plays":1,"movie":{"title":"Ran","year":1985,"ids":{"trakt":1,"slug":"ran","tmdb":11645}}}]"#,
        r#"[{"@type":"Movie","name":"Ran","datePublished":"1985","sameAs":"https://www.themoviedb.org/movie/11645"}]"#,
        r#"[{"title":"Ran","year":1985,"sortTitle":"ran","tmdbId":11645,"id":3,"tags":[9],"releaseDate":"2001-01-02"}]"#,
        r#"{"results":{"bindings":[{"film":{"type":"uri","value":"http://www.wikidata.org/entity/Q1"},"filmLabel":{"type":"literal","value":"Ran"},"year":{"type":"literal","value":"1985"}}]}}"#,
    ] {
        let (films, _) = read("list.json", text).await;
        assert_eq!(
            (films.len(), &films[0]["title"], &films[0]["year"]),
            (1, &json!("Ran"), &json!(1985)),
            "{text}"
        );
        assert_eq!(films[0]["tags"], json!(null), "{text}");
    }
    let rows = "film,filmLabel,directorLabel,publicationDate\n\
        http://www.wikidata.org/entity/Q1,Ran,Ann Other,1985-06-02T00:00:00Z\n\
        http://www.wikidata.org/entity/Q1,Ran,Bo Third,1985-06-01T00:00:00Z\n";
    let expected = json!({"title": "Ran", "year": 1985, "released": "1985-06-01",
        "directors": ["Ann Other", "Bo Third"], "wikidata": "Q1"});
    assert_eq!(read("query.csv", rows).await.0, [expected]);
    let nothing = error("x.json", br#"{"films":[{"label":"A"}]}"#, ReadOptions::default()).await;
    assert!(nothing.contains("films[].label"), "{nothing}");
}

#[actix_web::test]
async fn visitors_lists_are_no_trap_for_an_operator() {
    let letterboxd =
        "Date,Name,Year,Letterboxd URI,Rating\n1980-02-03,Alpha,1980,https://boxd.it/a,5\n";
    assert_eq!(read("ratings.csv", letterboxd).await.0, [json!({"title": "Alpha", "year": 1980})]);
    let imdb = "Position,Const,Created,Description,Title,Title Type,Year,Genres,Release Date,Directors\n\
        1,tt0000007,2020-01-01,My note,Alpha,Movie,1980,\"Drama, War\",1980-02-03,\"Ann Lee, Bo Ek\"\n\
        2,tt0000008,2020-01-01,,Beta,TV Series,1980,Drama,1980-02-03,\n";
    assert_eq!(
        read("list.csv", imdb).await.0,
        [json!({"title": "Alpha", "year": 1980, "released": "1980-02-03", "imdb": "tt0000007",
            "directors": ["Ann Lee", "Bo Ek"], "tags": ["Drama", "War"]})]
    );
}

#[actix_web::test]
async fn null_words_are_not_values() {
    let row = |word: &str| [word; 8].join(",");
    let words = ["\\N", "NULL", "n/a", "NaN", "None", "-", "NA"];
    let rows: String = words.iter().map(|word| format!("Film {word},{}\n", row(word))).collect();
    let header = "title,original_title,year,director,genre,country,language,runtime,plot\n";
    let (films, problems) = read("list.csv", &format!("{header}{rows}")).await;
    assert_eq!(problems, [""; 0]);
    assert!(films.iter().all(|film| film.as_object().unwrap().len() == 1), "{films:?}");
    let cells = "title,genres,cast\nA,\"['Drama', 'War']\",\"[{\"\"name\"\": \"\"Ann Lee\"\"}]\"\nB,[],{}\n";
    let (films, _) = read("list.csv", cells).await;
    assert_eq!(
        (&films[0]["tags"], &films[0]["cast"]),
        (&json!(["Drama", "War"]), &json!(["Ann Lee"]))
    );
}

#[actix_web::test]
async fn open_quotes_and_wrong_encodings_are_errors() {
    let quote = error("a.csv", b"title,plot\nA,\"open\nB,ok\nC,ok\n", ReadOptions::default()).await;
    assert!(
        quote.contains("a.csv:2: the quote that opens in this line is never closed"),
        "{quote}"
    );
    let utf_8 = ReadOptions { encoding: Some(encoding_rs::UTF_8), ..ReadOptions::default() };
    for options in [utf_8, ReadOptions::default()] {
        let encoding = error("a.csv", b"title,year\nF\xfcnf,1950\n", options).await;
        assert!(encoding.contains("--encoding windows-1252"), "{encoding}");
    }
}

#[actix_web::test]
async fn values_that_the_database_would_refuse_are_reported_with_their_line() {
    let long = "x".repeat(3000);
    for (line, word) in [
        (format!("{{\"title\":\"{long}\",\"year\":1950}}"), "too long"),
        (format!("{{\"title\":\"B\",\"directors\":[\"{long}\"]}}"), "too long"),
        (format!("{{\"title\":\"B\",\"synopsis\":\"x\",\"source\":\"{long}\"}}"), "too long"),
        ("{\"title\":\"B\",\"synopsis\":\"x\",\"source\":\"\"}".to_owned(), ""),
        ("{\"title\":\"B\",\"synopsis\":\"x\",\"source\":\"a\\u0000b\"}".to_owned(), "control"),
        ("{\"title\":\"B\",\"synopsis\":\"x\",\"source\":\"S\",\"licence_url\":\"javascript:x()\"}".to_owned(), "http"),
        (format!("{{\"title\":\"B\",\"tags\":[\"{long}\",\"a{}\",\"a{}b\"]}}", "y".repeat(400), "y".repeat(400)), "too long"),
    ] {
        let (films, problems) = read("a.jsonl", &format!("{{\"title\":\"A\"}}\n{line}\n")).await;
        assert_eq!(films[0]["title"], "A", "{line}");
        assert_eq!(problems.len(), usize::from(!word.is_empty()), "{problems:?}");
        let is_reported = |problem: &String| problem.starts_with("a.jsonl:2") && problem.contains(word);
        assert!(problems.iter().all(is_reported), "{problems:?}");
    }
}

#[actix_web::test]
async fn marquees_own_lines_are_as_lenient_as_any_json() {
    let text = "{\"title\":1917,\"id\":7,\"year\":\"2019\",\"genres\":\"War\",\"dirctors\":[\"X\"]}\n\
        {\"title\":\"B\",\"dirctors\":[\"Y\"]}\n";
    let (films, problems) = read("a.jsonl", text).await;
    assert_eq!(
        films[0],
        json!({"title": "1917", "year": 2019, "tags": ["War"], "ids": {"file:a": "7"}})
    );
    assert_eq!(
        problems,
        ["a.jsonl:1: \"dirctors\" is not a known column; did you mean \"directors\"?"]
    );
}

#[actix_web::test]
async fn countries_and_languages_have_one_name() {
    let text = "title,country,language\nA,USA,en\nB,\"United States, UK\",English\nC,US,eng\nD,Ruritania,Elvish\n";
    let (films, problems) = read("list.csv", text).await;
    assert_eq!(
        values(&films, "country"),
        [
            json!(["United States"]),
            json!(["United States", "United Kingdom"]),
            json!(["United States"]),
            json!(["Ruritania"])
        ]
    );
    assert_eq!(
        values(&films, "language"),
        [json!(["en"]), json!(["en"]), json!(["en"]), json!(null)]
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[actix_web::test]
async fn entities_years_and_ranks_in_titles_are_read() {
    let text = "Rank,Film\n1,1. L&#39;&Eacute;t&eacute; (1980)\n2,2001: A Space Odyssey\n";
    let (films, _) = read("list.csv", text).await;
    assert_eq!(films[0], json!({"title": "L'Été", "year": 1980}));
    assert_eq!(films[1], json!({"title": "2001: A Space Odyssey"}));
}

#[actix_web::test]
async fn people_alone_are_no_catalogue() {
    let app = TestApp::spawn().await;
    let import = async |text: &str| {
        let options = Options { require_films: true, ..Options::default() };
        let inputs = vec![Input::new("a.jsonl", std::io::Cursor::new(text.as_bytes().to_vec()))];
        import::run(&mut connect(&app.database).await, inputs, &options, &mut |_| {}).await
    };
    let person = "{\"director\":\"Ann Other\",\"born\":1900}\n";
    let refused = format!("{:#}", import(person).await.unwrap_err());
    assert!(refused.contains("1 records about people alone"), "{refused}");
    assert_eq!(app.count("people").await, 0);
    import(&format!("{person}{{\"title\":\"Dawn\"}}")).await.unwrap();
    assert_eq!(app.count("people").await, 1);
}

#[actix_web::test]
async fn list_ids_of_imdbs_form_are_imdbs() {
    let text = "id,title\ntt0017925,The General\n7,Dawn\nTT0089881,Ran\ntt1,Noon\n";
    let (films, problems) = read("list.csv", text).await;
    assert_eq!(
        values(&films, "imdb"),
        [json!("tt0017925"), json!(null), json!("tt0089881"), json!(null)]
    );
    let ids = [json!(null), json!({"file:list": "7"}), json!(null), json!({"file:list": "tt1"})];
    assert_eq!(values(&films, "ids"), ids);
    assert!(problems.is_empty(), "{problems:?}");
}

#[actix_web::test]
async fn removed_control_characters_are_reported() {
    let text = "{\"title\":\"The\\u0007 Bell\",\"synopsis\":\"Two\\nlines\\u0000.\",\"source\":\"A\\u001bB\"}";
    let (films, problems) = read("a.jsonl", text).await;
    assert_eq!(films[0]["title"], "The Bell");
    assert_eq!(films[0]["synopsis"], "Two lines .");
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.contains("control characters")), "{problems:?}");
}

#[actix_web::test]
async fn licence_links_are_web_addresses() {
    for address in [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://x.example",
        "data:text/html,x",
        "vbscript:x",
        "//x.example",
        "java\nscript:x",
    ] {
        let record = json!({"title": "Dawn", "synopsis": "Text.", "source": "A list", "licence": "Any",
            "licence_url": address, "source_url": address, "link": "https://x.example/wikipedia.org/wiki/Dawn"});
        let app = TestApp::spawn().await;
        let files = [("a.jsonl", record.to_string().into_bytes())];
        let (_, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();
        assert_eq!(problems.len(), 3, "{problems:?}");
        app.up_to_date(&mut connect(&app.database).await).await;
        for path in ["/movies/dawn", "/about", "/movies.atom"] {
            let page = app.get(path).await;
            assert_eq!(page.status, 200);
            let scheme = address.split(':').next().unwrap().to_lowercase();
            let links = page.html.to_lowercase();
            assert!(!links.contains(&format!("href=\"{scheme}")), "{path}: {links}");
            assert!(!links.contains("x.example"), "{path}: {links}");
        }
    }
}
