//! Each form that films arrive in, in small files with the traps of the real ones.

use std::io::Cursor;

use marquee::catalog::import::{self, Input, Options, Plan, ReadOptions};
use serde_json::{Value, json};

use crate::support::{TestApp, connect};

/// Imports these files (name and content) together; returns the problems too.
pub async fn import(
    app: &TestApp,
    files: &[(&str, Vec<u8>)],
    read: ReadOptions,
) -> anyhow::Result<(Plan, Vec<String>)> {
    let mut conn = connect(&app.database).await;
    let input = |(name, bytes): &(&str, Vec<u8>)| Input::new(*name, Cursor::new(bytes.clone()));
    let options = Options { read, ..Options::default() };
    let mut problems = Vec::new();
    let mut report = |problem: &import::Problem| problems.push(problem.to_string());
    let inputs = files.iter().map(input).collect();
    let plan = import::run(&mut conn, inputs, &options, &mut report).await?;
    let ended = plan.movies.total() + plan.people.total();
    assert_eq!(plan.read, ended + plan.total_skipped() + plan.total_excluded(), "{plan}");
    Ok((plan, problems))
}

/// The films as an export has them, without addresses and sources of texts.
pub async fn films(app: &TestApp) -> Vec<Value> {
    let mut films = Vec::new();
    for mut record in app.export().await {
        if record["title"].is_string() {
            let keys = record.as_object_mut().unwrap();
            keys.retain(|key, _| {
                !["slug", "source", "licence", "licence_url"].contains(&key.as_str())
            });
            films.push(record);
        }
    }
    films
}

/// Rows of fields: a space is a tab, an underscore a space.
fn tsv(rows: &[&str]) -> Vec<u8> {
    rows.iter()
        .flat_map(|row| (row.replace(' ', "\t").replace('_', " ") + "\n").into_bytes())
        .collect()
}

/// A second import of the same files changes nothing.
pub async fn assert_repeatable(app: &TestApp, files: &[(&str, Vec<u8>)], read: ReadOptions) {
    let before = app.export().await;
    let (plan, _) = import(app, files, read).await.unwrap();
    assert_eq!((plan.movies.added, plan.movies.updated), (0, 0), "{plan}");
    assert_eq!(plan.people_added + plan.people.added + plan.people.updated, 0);
    assert_eq!(app.export().await, before);
}

fn imdb() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "title.basics.tsv.gz",
            tsv(&[
                "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
                r#"tt0000007 movie The_"Quoted"_One Der_"Zitierte" 0 1931 \N 95 Drama,Sci-Fi"#,
                r"tt0000009 tvMovie Duel_at_Home Duel_at_Home 0 1971 \N \N Film-Noir",
                r"tt0000010 short A_Short A_Short 0 1902 \N 3 Short",
                r"tt0000011 movie For_Adults For_Adults 1 1999 \N 80 Adult",
                r"tt0000012 tvEpisode Pilot Pilot 0 1999 \N 40 Drama",
                r"tt0000007 movie Again Again 0 1931 \N 95 Drama",
                r"tt0000013 movie Too_Old \N 0 1066 \N abc \N",
                r"tt0000014 movie Short_Row",
                r"nonsense movie No_Number No_Number 0 1999 \N 1 \N",
                r"tt12345678 movie Unvoted Unvoted 0 2020 \N 100 \N",
            ]),
        ),
        (
            "title.crew.tsv",
            tsv(&[
                "tconst directors writers",
                r"tt0000009 nm0000002 \N",
                r"tt0000007 nm0000003,nm0000001 nm0000002",
                r"tt0000012 nm0000009 \N",
                r"tt0000013 nm0000404,xx \N",
                r"tt12345678 nm0000006 \N",
            ]),
        ),
        (
            "name.basics.tsv",
            tsv(&[
                "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
                r"nm0000003 Zoë_Zed \N \N director tt0000007",
                r"nm0000001 Ann_Other 1900 1980 director \N",
                r"nm0000002 Bo_Third 1910 \N writer \N",
                r"nm0000006 Ann_Other 1950 \N director \N",
                r"nm0000004 Cy_Actor 1911 \N actor \N",
                r"nm0000005 Di_Actor 1912 \N actress \N",
            ]),
        ),
        (
            "title.principals.tsv",
            tsv(&[
                "tconst ordering nconst category job characters",
                r#"tt0000007 2 nm0000005 actress \N ["Herself"]"#,
                r#"tt0000007 1 nm0000004 actor \N ["The_Man"]"#,
                r"tt0000007 3 nm0000001 director \N \N",
                r"tt0000012 1 nm0000004 actor \N \N",
            ]),
        ),
        (
            "title.akas.tsv",
            tsv(&[
                "titleId ordering title region language types attributes isOriginalTitle",
                r"tt0000009 1 決闘 \N \N original \N 1",
                r"tt0000009 2 Duell DE \N imdbDisplay \N 0",
                r"tt0000012 1 Pilot \N \N original \N 1",
            ]),
        ),
        (
            "title.ratings.tsv",
            tsv(&["tconst averageRating numVotes", "tt0000007 7.1 1200", "tt0000009 6.0 90"]),
        ),
        ("title.episode.tsv", tsv(&["tconst parentTconst seasonNumber episodeNumber"])),
    ]
}

#[actix_web::test]
async fn imdb_joins_its_files_and_keeps_the_films() {
    let app = TestApp::spawn().await;

    let (plan, problems) = import(&app, &imdb(), ReadOptions::default()).await.unwrap();

    assert_eq!(plan.movies.added, 4, "{plan}");
    assert_eq!(plan.excluded["titles of another type"], 2);
    assert_eq!(plan.excluded["films for adults"], 1);
    assert_eq!(
        problems,
        [
            "title.basics.tsv.gz:9: 3 fields instead of 9",
            "title.basics.tsv.gz:10: \"nonsense\" is not a tconst",
            "title.basics.tsv.gz:7: tt0000007 is in the file already",
            "title.crew.tsv:5: \"xx\" is not the number of a person",
            "title.basics.tsv.gz:8: nm0000404 is not in name.basics",
            "title.basics.tsv.gz:8: startYear: \"1066\" is not a year from 1870 to 2199; left out",
            "title.basics.tsv.gz:8: runtimeMinutes: \"abc\" is not a running time of 1 to 6000 minutes; \
             left out",
        ]
    );
    assert_eq!(
        films(&app).await,
        [
            json!({"title": "The \"Quoted\" One", "original_title": "Der \"Zitierte\"",
                "year": 1931, "runtime": 95, "directors": [{"name": "Zoë Zed", "imdb": "nm0000003"},
                    {"name": "Ann Other", "imdb": "nm0000001"}],
                "tags": ["Drama", "Science fiction"], "cast": [
                    {"name": "Cy Actor", "imdb": "nm0000004", "character": "The Man"},
                    {"name": "Di Actor", "imdb": "nm0000005", "character": "Herself"}],
                "imdb": "tt0000007"}),
            json!({"title": "Duel at Home", "original_title": "決闘", "year": 1971,
                "directors": [{"name": "Bo Third", "imdb": "nm0000002"}], "tags": ["Film noir"],
                "imdb": "tt0000009"}),
            json!({"title": "Too Old", "imdb": "tt0000013"}),
            json!({"title": "Unvoted", "year": 2020, "runtime": 100, "imdb": "tt12345678",
                "directors": [{"name": "Ann Other", "imdb": "nm0000006"}]}),
        ]
    );
    app.up_to_date(&mut connect(&app.database).await).await;
    let directed = async |slug| app.get(&format!("/directors/{slug}")).await.films();
    assert_eq!(directed("ann-other").await, ["the-quoted-one-1931"]);
    assert_eq!(directed("ann-other-2").await, ["unvoted-2020"]);
    assert_repeatable(&app, &imdb(), ReadOptions::default()).await;
}

#[actix_web::test]
async fn imdb_may_be_narrowed_by_votes_and_widened_by_types() {
    let app = TestApp::spawn().await;
    let title_types = vec!["movie".to_owned(), "short".to_owned()];
    let reading = ReadOptions { title_types, min_votes: 100, ..ReadOptions::default() };
    let (plan, _) = import(&app, &imdb(), reading).await.unwrap();
    assert_eq!(plan.movies.added, 1, "{plan}");
    assert_eq!(plan.excluded["films with fewer votes"], 3);
}

#[actix_web::test]
async fn incomplete_imdb_files_are_refused() {
    let app = TestApp::spawn().await;
    let error = async |files: &[(&'static str, Vec<u8>)]| {
        format!("{:#}", import(&app, files, ReadOptions::default()).await.unwrap_err())
    };
    let files = imdb();
    assert!(error(&files[1..]).await.contains("title.basics is needed"));
    assert!(error(&files[..2]).await.contains("name.basics is needed"));
    let mut twice = imdb();
    twice.push(imdb().remove(0));
    assert!(error(&twice).await.contains("there is another title.basics"));
    let mut cut = imdb();
    cut[1].1.truncate(60);
    assert!(error(&cut).await.contains("title.crew.tsv:3: the file is cut off"), "cut");
    let mut other = imdb();
    other[0].1 = tsv(&["tconst titleType primaryTitle"]);
    assert!(error(&other).await.contains("there is no column \"originalTitle\""));
    assert_eq!(app.count("movies").await, 0);
}

#[actix_web::test]
async fn movielens_of_today_joins_links_and_agreed_tags() {
    let app = TestApp::spawn().await;
    let crlf = |rows: &[&str]| rows.join("\r\n").into_bytes();
    let files = [
        (
            "tags.csv",
            crlf(&[
                "userId,movieId,tag,timestamp",
                "1,1,Submarine,1",
                "2,1,submarine,1",
                "3,1,SUBMARINE,1",
                "4,1,my dvd,1",
                "",
            ]),
        ),
        (
            "movies.csv",
            crlf(&[
                "movieId,title,genres",
                "1,\"City of Lost Children, The (Cité des enfants perdus, La) (1995)\",Children|Sci-Fi",
                "2,Babylon 5,(no genres listed)",
                "3,\"Say \"\"Yes\"\" (2000) \",IMAX",
                "4,Emma (1996),Comedy",
                "5,Emma (1996),Romance",
                ",,",
                "",
            ]),
        ),
        ("links.csv", crlf(&["movieId,imdbId,tmdbId", "1,0112682,902", "2,0105946,", ""])),
        ("ratings.csv", crlf(&["userId,movieId,rating,timestamp", "1,1,4.0,1", ""])),
    ];

    let (plan, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();

    assert_eq!((plan.movies.added, plan.total_skipped()), (5, 1), "{plan}");
    assert_eq!(
        problems,
        ["movies.csv:3: \"Babylon 5\" has no year", "movies.csv:7: the row is empty"]
    );
    assert_eq!(
        films(&app).await,
        [
            json!({"title": "The City of Lost Children", "original_title": "La Cité des enfants perdus",
                "year": 1995, "tags": ["Children's", "Science fiction", "Submarine"],
                "imdb": "tt0112682", "tmdb": "902", "movielens": "1"}),
            json!({"title": "Babylon 5", "imdb": "tt0105946", "movielens": "2"}),
            json!({"title": "Say \"Yes\"", "year": 2000, "tags": ["IMAX"], "movielens": "3"}),
            json!({"title": "Emma", "year": 1996, "tags": ["Comedy"], "movielens": "4"}),
            json!({"title": "Emma", "year": 1996, "tags": ["Romance"], "movielens": "5"}),
        ]
    );
    assert_repeatable(&app, &files, ReadOptions::default()).await;
}

#[actix_web::test]
async fn movielens_of_old_is_latin_1() {
    let flags = |genre: usize| {
        (0..19).map(|n| if n == genre { "1" } else { "0" }).collect::<Vec<_>>().join("|")
    };
    let item = [
        format!("1|Bont\u{e9}s, Les (1995)|26-Jan-1995||http://x|{}", flags(8)),
        format!("2|unknown||||{}", flags(0)),
    ];
    let latin = |text: String| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let item: Vec<u8> = latin(item.join("\n") + "\n");
    let dat: Vec<u8> = latin("7::Mis\u{e9}rables, Les (1995)::Drama|Musical\n".to_owned());
    let app = TestApp::spawn().await;

    let files = [("u.item", item), ("movies.dat", dat)];
    let (plan, problems) = import(&app, &files, ReadOptions::default()).await.unwrap();

    assert_eq!((plan.movies.added, plan.total_skipped()), (2, 1));
    assert_eq!(problems, ["u.item:2: the film is \"unknown\""]);
    assert_eq!(
        films(&app).await,
        [
            json!({"title": "Les Bontés", "year": 1995, "released": "1995-01-26",
                "tags": ["Drama"], "movielens": "1"}),
            json!({"title": "Les Misérables", "year": 1995, "tags": ["Drama", "Musical"],
                "movielens": "7"}),
        ]
    );
}
