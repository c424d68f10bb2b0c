//! Changes of single records by commands, and what visitors see of them.

use tempfile::TempDir;

use crate::program::command;
use crate::support::{TestApp, connect};

const FILMS: &str = r#"
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["Drama","War"],"imdb":"tt0089881","runtime":162}
{"title":"Kagemusha","year":1980,"directors":["Akira Kurosawa"],"tags":["Drama"],"imdb":"tt0080979"}
{"title":"Stalker","year":1979,"directors":["A. Tarkovsky"],"tags":["Dr"],"synopsis":"A guide leads two men."}
{"title":"Solaris","year":1972,"directors":["Andrei Tarkovsky"],"tags":["Drama","Dr"]}
"#;

async fn films() -> TestApp {
    TestApp::with_films(FILMS).await
}

/// The result of a command: whether it succeeded, and its output.
struct Done {
    is_ok: bool,
    out: String,
    error: String,
}

/// Runs a command on the database of a site, which knows the result when this returns.
async fn marquee(app: &TestApp, arguments: &[&str]) -> Done {
    let folder = TempDir::new().unwrap();
    let mut command = command(folder.path());
    let output = command.env("DATABASE_URL", &app.database).args(arguments).output().await.unwrap();
    app.up_to_date(&mut connect(&app.database).await).await;
    Done {
        is_ok: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command that succeeds; returns its output.
async fn run(app: &TestApp, arguments: &[&str]) -> String {
    let done = marquee(app, arguments).await;
    assert!(done.is_ok, "{arguments:?}: {}", done.error);
    done.out
}

async fn shown(app: &TestApp, kind: &str, slug: &str) -> serde_json::Value {
    serde_json::from_str(&run(app, &["show", kind, slug]).await).unwrap()
}

async fn history(app: &TestApp, arguments: &[&str]) -> Vec<serde_json::Value> {
    let lines = run(app, &[&["history"], arguments].concat()).await;
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[actix_web::test]
async fn edit_changes_facts_and_writes_the_history() {
    let app = films().await;
    let edited = [
        "edit",
        "films",
        "ran-1985",
        "year=1986",
        "tags=Drama",
        "runtime=",
        "--note",
        "As printed",
    ];
    let out = run(&app, &edited).await;
    assert!(out.contains("year") && out.contains("tags") && out.contains("runtime"), "{out}");
    let film = shown(&app, "films", "ran-1985").await;
    assert_eq!(
        (&film["year"], &film["runtime"]),
        (&serde_json::json!(1986), &serde_json::Value::Null)
    );
    assert_eq!(film["version"], 2);
    let change = &history(&app, &["films", "ran-1985"]).await[0];
    assert_eq!(change["diff"]["year"], serde_json::json!([1985, 1986]));
    assert_eq!(change["diff"]["tags"], serde_json::json!([["Drama", "War"], ["Drama"]]));
    assert_eq!((&change["action"], &change["note"]), (&"edit".into(), &"As printed".into()));
    assert!(change["actor"].as_str().unwrap().starts_with("command line ("), "{change}");
    assert!(app.get("/movies/ran-1985").await.html.contains("1986"));

    let again = run(&app, &["edit", "films", "ran-1985", "year=1986"]).await;
    assert!(again.contains("nothing to do"), "{again}");
    assert_eq!(shown(&app, "films", "ran-1985").await["version"], 2);
    assert_eq!(history(&app, &["films", "ran-1985"]).await.len(), 1);
}

#[actix_web::test]
async fn invalid_values_are_refused_together_and_nothing_is_stored() {
    let app = films().await;
    let wrong =
        ["edit", "films", "ran-1985", "year=soon", "runtime=x", "imdb=1", "directors=Nobody"];
    let done = marquee(&app, &wrong).await;
    assert!(!done.is_ok);
    for line in ["year: \"soon\" is not a year from 1870 to 2199", "runtime: ", "imdb: "] {
        assert!(done.error.contains(line), "{}", done.error);
    }
    let unknown = marquee(&app, &["edit", "films", "ran-1985", "directors=Nobody"]).await;
    assert!(!unknown.is_ok && unknown.error.contains("directors: \"Nobody\""), "{}", unknown.error);
    let (_, problems) = app.import_bytes(b"{\"title\":\"X\",\"year\":\"soon\"}", false).await;
    assert!(problems.concat().contains("\"soon\" is not a year from 1870 to 2199"), "{problems:?}");
    let odd = marquee(&app, &["edit", "films", "ran-1985", "dirctors=X"]).await;
    assert!(!odd.is_ok && odd.error.contains("dirctors"), "{}", odd.error);
    assert_eq!(shown(&app, "films", "ran-1985").await["version"], 1);
    run(&app, &["edit", "films", "ran-1985", "directors=Nobody", "create=directors"]).await;
    assert!(app.get("/directors/nobody").await.html.contains("Ran"));
}

#[actix_web::test]
async fn edits_of_one_version_are_both_kept_unless_they_meet() {
    let app = films().await;
    run(&app, &["edit", "films", "ran-1985", "year=1986"]).await;
    run(&app, &["edit", "films", "ran-1985", "runtime=160", "--version", "1"]).await;
    let film = shown(&app, "films", "ran-1985").await;
    assert_eq!((&film["year"], &film["runtime"]), (&1986.into(), &160.into()));
    let stale = marquee(&app, &["edit", "films", "ran-1985", "year=1987", "--version", "1"]).await;
    assert!(!stale.is_ok && stale.error.contains("year: "), "{}", stale.error);
    assert_eq!(shown(&app, "films", "ran-1985").await["year"], 1986);
}

#[actix_web::test]
async fn renamed_records_redirect_in_one_hop() {
    let app = films().await;
    run(&app, &["edit", "films", "ran-1985", "slug=ran"]).await;
    run(&app, &["edit", "films", "ran", "slug=ran-chaos"]).await;
    for old in ["/movies/ran-1985", "/movies/ran"] {
        let moved = app.get(old).await;
        assert_eq!((moved.status, moved.header("location")), (301, "/movies/ran-chaos"));
    }
    let taken = marquee(&app, &["edit", "films", "kagemusha-1980", "slug=ran"]).await;
    assert!(!taken.is_ok && taken.error.contains("slug: "), "{}", taken.error);
    run(&app, &["edit", "films", "ran-chaos", "forget_slug=ran"]).await;
    assert_eq!(app.get("/movies/ran").await.status, 404);
    run(&app, &["edit", "films", "kagemusha-1980", "slug=ran"]).await;
    run(&app, &["edit", "directors", "akira-kurosawa", "slug=kurosawa"]).await;
    assert_eq!(
        app.get("/directors/akira-kurosawa").await.header("location"),
        "/directors/kurosawa"
    );
    run(&app, &["edit", "tags", "war", "slug=wars", "name=Wars"]).await;
    assert_eq!(app.get("/movies/tags/war").await.header("location"), "/movies/tags/wars");
}

#[actix_web::test]
async fn removed_film_is_gone_until_it_is_restored() {
    let app = films().await;
    app.post("/movies/ran-1985/watchlist", &[]).await;
    let before = app.export().await;
    run(&app, &["remove", "films", "ran-1985"]).await;
    assert_eq!(app.get("/movies/ran-1985").await.status, 410);
    assert!(!app.get("/movies").await.html.contains("/movies/ran-1985"));
    assert!(!app.get("/watchlist").await.films().contains(&"ran-1985".to_owned()));
    let again = run(&app, &["remove", "films", "ran-1985"]).await;
    assert!(again.contains("nothing to do"), "{again}");
    run(&app, &["restore", "films", "ran-1985"]).await;
    assert_eq!(app.export().await, before);
    assert!(app.get("/watchlist").await.films().contains(&"ran-1985".to_owned()));
    let actions = history(&app, &["films", "ran-1985"]).await;
    let actions: Vec<&str> =
        actions.iter().map(|change| change["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["restore", "trash"]);
}

#[actix_web::test]
async fn removed_people_and_tags_leave_their_films_and_come_back() {
    let app = films().await;
    let before = app.export().await;
    run(&app, &["remove", "directors", "akira-kurosawa"]).await;
    run(&app, &["remove", "tags", "drama"]).await;
    assert_eq!(app.get("/directors/akira-kurosawa").await.status, 410);
    assert_eq!(app.get("/movies/tags/drama").await.status, 410);
    let film = shown(&app, "films", "ran-1985").await;
    assert_eq!(
        (&film["directors"], &film["tags"]),
        (&serde_json::json!([]), &serde_json::json!(["War"]))
    );
    run(&app, &["restore", "tags", "drama"]).await;
    run(&app, &["restore", "directors", "akira-kurosawa"]).await;
    assert_eq!(app.export().await, before);
}

#[actix_web::test]
async fn merged_people_and_tags_are_one_and_imports_know_it() {
    let app = films().await;
    run(&app, &["merge", "directors", "a-tarkovsky", "andrei-tarkovsky"]).await;
    run(&app, &["merge", "tags", "dr", "drama"]).await;
    assert_eq!(
        app.get("/directors/a-tarkovsky").await.header("location"),
        "/directors/andrei-tarkovsky"
    );
    assert_eq!(app.get("/movies/tags/dr").await.header("location"), "/movies/tags/drama");
    let page = app.get("/directors/andrei-tarkovsky").await.html;
    assert!(page.contains("Stalker") && page.contains("Solaris"));
    assert_eq!(shown(&app, "films", "solaris-1972").await["tags"], serde_json::json!(["Drama"]));
    let again = run(&app, &["merge", "tags", "dr", "drama"]).await;
    assert!(again.contains("nothing to do"), "{again}");

    let more = r#"{"title":"Nostalghia","year":1983,"directors":["A. Tarkovsky"],"tags":["Dr"]}"#;
    app.import(more).await.unwrap();
    let film = shown(&app, "films", "nostalghia-1983").await;
    assert_eq!(film["directors"], serde_json::json!(["Andrei Tarkovsky"]));
    assert_eq!(film["tags"], serde_json::json!(["Drama"]));
    assert_eq!(app.count("tags").await, 2);
}

#[actix_web::test]
async fn marks_follow_a_merged_film_and_undo_separates_it() {
    let app = films().await;
    app.post("/movies/ran-1985/watchlist", &[]).await;
    app.post("/movies/ran-1985/rating", &[("stars", "4")]).await;
    let before = app.export().await;
    run(&app, &["merge", "films", "ran-1985", "kagemusha-1980"]).await;
    assert_eq!(app.get("/movies/ran-1985").await.header("location"), "/movies/kagemusha-1980");
    assert!(app.get("/seen").await.films().contains(&"kagemusha-1980".to_owned()));
    let film = shown(&app, "films", "kagemusha-1980").await;
    assert_eq!((&film["imdb"], &film["runtime"]), (&"tt0080979".into(), &162.into()));
    let merge = history(&app, &["films", "kagemusha-1980"]).await[0]["id"].to_string();
    run(&app, &["undo", &merge]).await;
    assert_eq!(app.export().await, before);
    assert!(app.get("/seen").await.films().contains(&"ran-1985".to_owned()));
    assert!(!app.get("/seen").await.films().contains(&"kagemusha-1980".to_owned()));
}

#[actix_web::test]
async fn undo_brings_a_change_back_and_refuses_what_changed_again() {
    let app = films().await;
    run(&app, &["edit", "films", "ran-1985", "year=1986", "runtime=1"]).await;
    let change = history(&app, &["films", "ran-1985"]).await[0]["id"].to_string();
    run(&app, &["undo", &change]).await;
    let film = shown(&app, "films", "ran-1985").await;
    assert_eq!((&film["year"], &film["runtime"]), (&1985.into(), &162.into()));
    let undone = history(&app, &["films", "ran-1985"]).await;
    assert_eq!(undone[0]["reverts"].to_string(), change);
    run(&app, &["undo", &undone[0]["id"].to_string()]).await;
    assert_eq!(shown(&app, "films", "ran-1985").await["year"], 1986);
    run(&app, &["edit", "films", "ran-1985", "year=1990"]).await;
    let refused = marquee(&app, &["undo", &change]).await;
    assert!(!refused.is_ok && refused.error.contains("year: "), "{}", refused.error);
    run(&app, &["remove", "films", "ran-1985"]).await;
    let removal = history(&app, &["films", "ran-1985"]).await[0]["id"].to_string();
    run(&app, &["undo", &removal]).await;
    assert_eq!(app.get("/movies/ran-1985").await.status, 200);
}

#[actix_web::test]
async fn history_cannot_be_changed() {
    let app = films().await;
    run(&app, &["edit", "films", "ran-1985", "year=1986"]).await;
    let conn = &mut connect(&app.database).await;
    for statement in
        ["UPDATE changes SET actor = 'x'", "DELETE FROM changes", "TRUNCATE changes CASCADE"]
    {
        let error = diesel_async::RunQueryDsl::execute(diesel::sql_query(statement), conn).await;
        assert!(
            error.unwrap_err().to_string().contains("cannot be changed or removed"),
            "{statement}"
        );
    }
    // Without an entry there is no change.
    app.execute("ALTER TABLE changes ADD CHECK (note <> 'refused')").await;
    let edit = ["edit", "films", "ran-1985", "year=1987", "--note", "refused"];
    assert!(!marquee(&app, &edit).await.is_ok);
    assert_eq!(shown(&app, "films", "ran-1985").await["year"], 1986);
}

#[actix_web::test]
async fn imports_keep_held_facts_and_leave_removed_films_in_the_trash() {
    let app = films().await;
    run(&app, &["edit", "films", "ran-1985", "year=1986"]).await;
    let contradicting = r#"{"title":"Ran","imdb":"tt0089881","year":1985,"runtime":100}"#;
    app.import(contradicting).await.unwrap();
    let film = shown(&app, "films", "ran-1985").await;
    assert_eq!((&film["year"], &film["runtime"]), (&1986.into(), &100.into()));
    run(&app, &["edit", "films", "ran-1985", "hold="]).await;
    app.import(contradicting).await.unwrap();
    assert_eq!(shown(&app, "films", "ran-1985").await["year"], 1985);

    run(&app, &["remove", "films", "stalker-1979"]).await;
    let (plan, problems) = app.import_bytes(FILMS.as_bytes(), false).await;
    assert_eq!(plan.unwrap().movies.added, 0);
    assert!(problems.concat().contains("trash"), "{problems:?}");
    assert_eq!(app.get("/movies/stalker-1979").await.status, 410);
}
