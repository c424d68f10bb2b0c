//! Tables, lists and documents of films: TMDB's, omdb.org's, and anybody's.

use marquee::catalog::import::{Format, Mapping, ReadOptions};
use serde_json::{Value, json};

use crate::import_forms::{assert_repeatable, films, import};
use crate::support::TestApp;

#[actix_web::test]
async fn tmdb_with_lists_as_json_and_credits_beside_it() {
    let app = TestApp::spawn().await;
    let movies = "budget,genres,homepage,id,keywords,original_language,original_title,overview,\
        popularity,production_companies,production_countries,release_date,revenue,runtime,\
        spoken_languages,status,tagline,title,vote_average,vote_count\n\
        0,\"[{\"\"id\"\": 28, \"\"name\"\": \"\"Action\"\"}]\",,11,\
        \"[{\"\"id\"\": 1, \"\"name\"\": \"\"time travel\"\"}]\",cn,七人,\"One, \"\"two\"\".\",1.0,[],\
        \"[{\"\"iso_3166_1\"\": \"\"US\"\", \"\"name\"\": \"\"United States of America\"\"}]\",\
        1999-03-31,0,136.0,\"[{\"\"iso_639_1\"\": \"\"en\"\", \"\"name\"\": \"\"English\"\"}]\",\
        Released,,Seven Men,8.0,99\n\
        0,[],,12,[],en,Unmade,,0,[],[],,0,0,[],Rumored,,Unmade,0,0\n";
    let credits = "movie_id,title,cast,crew\n\
        11,Seven Men,\"[{\"\"name\"\": \"\"Ann Actor\"\", \"\"character\"\": \"\"Neo\"\"}]\",\
        \"[{\"\"job\"\": \"\"Producer\"\", \"\"name\"\": \"\"Pat P\"\"}, \
        {\"\"job\"\": \"\"Director\"\", \"\"name\"\": \"\"Lana D\"\"}]\"\n";
    let files = [("credits.csv", credits.into()), ("movies.csv", movies.as_bytes().to_vec())];

    let (plan, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();

    assert_eq!((plan.movies.added, problems), (2, vec![]));
    assert_eq!(
        films(&app).await,
        [
            json!({"title": "Seven Men", "original_title": "七人", "year": 1999,
                "released": "1999-03-31", "runtime": 136, "directors": ["Lana D"],
                "tags": ["Action", "Time travel"], "country": ["United States"],
                "language": ["yue", "en"], "cast": [{"name": "Ann Actor", "character": "Neo"}], "synopsis": "One, \"two\".",
                "source_url": "https://www.themoviedb.org/movie/11", "tmdb": "11"}),
            json!({"title": "Unmade", "language": ["en"], "tmdb": "12"}),
        ]
    );
    let sources = app.count("sources WHERE name = 'TMDB' AND licence LIKE '%attribution%'").await;
    assert_eq!(sources, 1);
    assert_repeatable(&app, &files, ReadOptions::default()).await;
}

#[actix_web::test]
async fn tmdb_with_lists_as_python_and_broken_rows() {
    let app = TestApp::spawn().await;
    let movies = "adult,genres,id,imdb_id,original_language,original_title,overview,release_date,\
        runtime,title,video\r\n\
        False,\"[{'id': 16, 'name': \"\"L'Animation\"\"}]\",862,tt0114709,en,Toy,A toy's life.,1995-10-30,81.0,Toy,False\r\n\
        False,[],5,tt0000005,en,Half,\"Ends\r\n\
        in two rows\r\n\
        - Written by O,0.065736,1997-08-20,tt1,en,Other\r\n\
        True,[],7,,en,Adult,x,1999-01-01,1.0,Adult,False\r\n\
        False,[],1997-08-20,0,en,A,x,1,6.0,Date for a number,False\r\n\
        False,nonsense[,8,0,en,Genreless,x,1999-05-05,6.0,Genreless,False\r\n";
    let movies = movies.replace("\"Ends\r\n", "Ends\r\n");
    let credits =
        "cast,crew,id\n[],\"[{'job': 'Director', 'name': 'Jo \\\\'L\\\\' D', 'n': None}]\",862\n";
    let keywords = "id,keywords\n862,\"[{'id': 1, 'name': 'toy'}]\"\n";
    let files = [
        ("movies_metadata.csv", movies.into_bytes()),
        ("credits.csv", credits.replace("\\\\", "\\").into_bytes()),
        ("keywords.csv", keywords.as_bytes().to_vec()),
    ];

    let (plan, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();

    let starts = [
        "movies_metadata.csv:3: the row has 7 columns and the header 11",
        "movies_metadata.csv:4: the row has 1 columns",
        "movies_metadata.csv:5: the row has 6 columns",
        "movies_metadata.csv:7: id \"1997-08-20\" is not a number",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}");
    }
    assert_eq!(plan.excluded["films for adults"], 1);
    let films = films(&app).await;
    assert_eq!(films[0]["directors"], json!(["Jo 'L' D"]));
    assert_eq!(films[0]["tags"], json!(["L'animation", "Toy"]));
    assert_eq!((&films[0]["imdb"], &films[0]["runtime"]), (&json!("tt0114709"), &json!(81)));
    assert_eq!((films.len(), &films[1]["tmdb"]), (2, &json!("8")));
}

#[actix_web::test]
async fn tmdb_s_daily_list_gives_titles() {
    let app = TestApp::spawn().await;
    let ids = r#"{"adult":false,"id":3924,"original_title":"Blondie","popularity":2.4,"video":false}
{"adult":true,"id":1,"original_title":"X","popularity":0,"video":false}
{"adult":false,"id":2,"original_title":"Clip","popularity":0,"video":true}
"#;
    let files = [("movie_ids_11_24_2026.json", ids.as_bytes().to_vec())];
    let (plan, _) = import(&app, &files, ReadOptions::default()).await.unwrap();
    assert_eq!((plan.movies.added, plan.excluded.len()), (1, 2));
    assert_eq!(films(&app).await, [json!({"title": "Blondie", "tmdb": "3924"})]);
}

#[actix_web::test]
async fn omdb_quoting_is_read() {
    let app = TestApp::spawn().await;
    let files: Vec<(&str, Vec<u8>)> = [
        ("all_movies.csv", "\"id\",\"name\",\"parent_id\",\"date\"\n\
            \"2\",\"The \\\"Great\\\" N\",\\N,\"1999-05-12\"\n\"3\",\\N,\\N,\\N\n"),
        ("movie_details.csv", "\"movie_id\",\"runtime\",\"budget\",\"revenue\",\"homepage\"\n\
            \"2\",\"100\",\\N,\\N,\\N\n\"3\",\"0\",\\N,\\N,\\N\n"),
        ("movie_links.csv", "\"source\",\"key\",\"movie_id\",\"language_iso_639_1\"\n\
            \"imdbmovie\",\"133093\",\"2\",\\N\n"),
        ("all_casts.csv", "\"movie_id\",\"person_id\",\"job_id\",\"role\",\"position\"\n\
            \"2\",\"7\",\"15\",\"Neo\",\"2\"\n\"2\",\"8\",\"15\",\"\",\"1\"\n\"2\",\"9\",\"21\",\\N,\"1\"\n"),
        ("all_people.csv", "\"id\",\"name\",\"birthday\",\"deathday\",\"gender\"\n\
            \"7\",\"Second\",\\N,\\N,\"0\"\n\"8\",\"First\",\\N,\\N,\"0\"\n\"9\",\"Di Rector\",\\N,\\N,\"0\"\n"),
        ("movie_categories.csv", "\"movie_id\",\"category_id\"\n\"2\",\"5\"\n"),
        ("category_names.csv", "\"category_id\",\"name\",\"language_iso_639_1\"\n\
            \"5\",\"Komödie\",\"de\"\n\"5\",\"Comedy\",\"en\"\n"),
        ("movie_countries.csv", "\"movie_id\",\"country_code\"\n\"2\",\"JP\"\n"),
        ("movie_abstracts_en.csv", "\"movie_id\",\"abstract\"\n\"2\",\"Back\\\\slash.\"\n"),
    ]
    .map(|(name, text)| (name, text.as_bytes().to_vec()))
    .into();

    let (plan, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();

    assert_eq!((plan.movies.added, problems), (1, vec!["all_movies.csv:3: no title".to_owned()]));
    assert_eq!(
        films(&app).await,
        [
            json!({"title": "The \"Great\" N", "year": 1999, "released": "1999-05-12", "runtime": 100,
            "directors": ["Di Rector"], "tags": ["Comedy"], "country": ["Japan"],
            "cast": ["First", "Second"], "synopsis": "Back\\slash.",
            "source_url": "https://www.omdb.org/movie/2", "imdb": "tt0133093", "omdb": "2"})
        ]
    );
    assert_repeatable(&app, &files, ReadOptions::default()).await;
}

const CSV: &str = "name,directed_by,genre,type,id,initial_release_date\n\
    .45,Gary Lennon,Law &amp; Crime|Drama,,/en/45_2006,2006-11-30\n\
    \"\"\"W\"\" A\",\"Jay Levey|\"\"W\"\" A\",Parody,,/en/w_a,2003-11-04\n\
    Señor,,,,/en/senor,\n";
const JSON: &str = r#"[
  {"id": "/en/45_2006", "directed_by": ["Gary Lennon"], "initial_release_date": "2006-11-30",
   "genre": ["Law &amp; Crime", "Drama"], "name": ".45"},
  {"id": "/en/w_a", "directed_by": ["Jay Levey", "\"W\" A"], "genre": ["Parody"],
   "initial_release_date": "2003-11-04", "name": "\"W\" A"},
  {"id": "/en/senor", "name": "Se\u00f1or"}
]"#;
const XML: &str = r#"<?xml version="1.0" ?>
<add><doc><field name="id">/en/45_2006</field><field name="directed_by">Gary Lennon</field>
<field name="initial_release_date">2006-11-30</field><field name="genre">Law &amp;amp; Crime</field>
<field name="genre">Drama</field><field name="name">.45</field></doc>
<doc><field name="id">/en/w_a</field><field name="directed_by">Jay Levey</field>
<field name="directed_by">&quot;W&quot; A</field><field name="genre">Parody</field>
<field name="initial_release_date">2003-11-04</field><field name="name">"W" A</field></doc>
<doc><field name="id">/en/senor</field><field name="name">Se&#241;or</field></doc></add>"#;

#[actix_web::test]
async fn csv_json_and_xml_give_the_same_films() {
    let mut exports = Vec::new();
    for (name, text) in [("films.csv", CSV), ("films.json", JSON), ("films.xml", XML)] {
        let app = TestApp::spawn().await;
        let files = [(name, text.as_bytes().to_vec())];
        let (plan, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();
        assert_eq!((plan.movies.added, problems), (3, vec![]), "{name}");
        assert_repeatable(&app, &files, ReadOptions::default()).await;
        exports.push(app.export().await);
    }
    assert_eq!(exports[0], exports[1]);
    assert_eq!(exports[0], exports[2]);
    assert_eq!(exports[0].last().unwrap()["title"], "Señor");
    assert!(exports[0].iter().any(|film| film["tags"] == json!(["Law & crime", "Drama"])));
}

#[actix_web::test]
async fn map_encoding_and_separators_read_any_table() {
    let app = TestApp::spawn().await;
    let table = b"Etikett;Von;Jahr\r\nF\xfcnf;\"A B/C D\";1950\r\n;;\r\n".to_vec();
    let map = ["title=Etikett", "directors=Von", "year=Jahr"].map(str::to_owned);
    let mapping = Mapping::new(&map, Some("/"), &[]).unwrap();
    let read = ReadOptions {
        format: Some(Format::Csv),
        encoding: encoding_rs::Encoding::for_label(b"latin1"),
        mapping,
        ..ReadOptions::default()
    };
    let (_, problems) = import(&app, &[("t", table)], read).await.unwrap();
    assert_eq!(problems, ["t:3: the row is empty"]);
    assert_eq!(
        films(&app).await,
        [json!({"title": "Fünf", "directors": ["A B", "C D"], "year": 1950})]
    );
    let untitled = [("t.csv", b"a,b\n1,2\n".to_vec())];
    let error = import(&app, &untitled, ReadOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("--map title=COLUMN"), "{error}");
}

#[actix_web::test]
async fn export_and_import_reproduce_the_catalogue() {
    let lines = r#"
{"title":"Ran","original_title":"乱","year":1985,"released":"1985-06-01","directors":["Akira Kurosawa"],"tags":["drama film","LGBTQ"],"country":["Japan","France"],"language":["ja"],"runtime":160,"cast":["Tony Giglio",{"name":"A","imdb":"nm7","character":"Lord"},{"name":"A","imdb":"nm8"}],"plot":"P.","wikidata":"Q1","imdb":"tt1","wikipedia":"https://en.wikipedia.org/wiki/Ran"}
{"title":"Chaos","year":2005,"directors":["Tony Giglio","Akira Kurosawa"],"synopsis":"S.","wikidata":"Q2"}
{"title":"Twice","year":2006,"directors":[{"name":"Tony Giglio","imdb":"nm1"},{"name":"Tony Giglio","imdb":"nm2"}]}
{"title":"Chaos","year":2005,"id":"c/3"}
{"director":"Akira Kurosawa","sort_name":"Kurosawa, Akira","born":1910,"died":1998,"country":"Japan","biography":"A painter first."}
"#;
    let app = TestApp::with_films(lines).await;
    app.import(r#"{"title":"Ran, corrected","wikidata":"Q1"}"#).await.unwrap();
    let exported = app.export().await;
    let text: String = exported.iter().map(|record| format!("{record}\n")).collect();

    let copy = TestApp::with_films(&text).await;

    // People are numbered in the order in which credits name them.
    let sorted = |records: &[Value]| {
        let mut lines: Vec<String> = records.iter().map(Value::to_string).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&copy.export().await), sorted(&exported));
    assert_eq!(copy.get("/movies/ran-1985").await.texts("h1"), ["Ran, corrected 1985"]);
    assert_eq!(copy.get("/movies").await.films(), app.get("/movies").await.films());
    let (plan, problems) = copy.import_bytes(text.as_bytes(), false).await;
    let plan = plan.unwrap();
    assert_eq!((plan.movies.updated, plan.people.updated, problems.len()), (0, 0, 0));
}
