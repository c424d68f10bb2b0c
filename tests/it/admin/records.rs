//! Records in the browser: forms, conflicts, trash, merges, history, lists and bulk actions.

mod lists;

use marquee::operators::Role;
use scraper::{Html, Selector};
use serde_json::Value;

use super::{OperatorBrowser, operator};
use crate::support::{Response, TestApp, number};

const FILMS: &str = r#"
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"tags":["Drama","War"],"imdb":"tt0089881","runtime":162}
{"title":"Kagemusha","year":1980,"directors":["Akira Kurosawa"],"tags":["Drama"],"imdb":"tt0080979"}
{"title":"Stalker","year":1979,"directors":["Andrei Tarkovsky"],"synopsis":"A guide leads two men through the Zone."}
{"title":"Solaris","year":1972,"directors":["Andrei Tarkovsky"],"tags":["Drama"]}
"#;

async fn site() -> (TestApp, OperatorBrowser) {
    let app = TestApp::with_films(FILMS).await;
    let ada = operator(&app, "ada", Role::Owner).await;
    (app, ada)
}

async fn id(app: &TestApp, table: &str, slug: &str) -> i64 {
    number(
        &app.database,
        &format!("SELECT id::bigint AS number FROM {table} WHERE slug = '{slug}'"),
    )
    .await
}

/// The fields of the form that is sent to an address, as a browser would send them.
fn fields(page: &Response, action: &str) -> Vec<(String, String)> {
    let document = Html::parse_document(&page.html);
    let form = Selector::parse(&format!("main form[action='{action}']")).unwrap();
    let form = document.select(&form).next().unwrap_or_else(|| panic!("{}", page.html));
    let controls = Selector::parse("input, textarea, select").unwrap();
    let mut fields = Vec::new();
    for control in form.select(&controls) {
        let Some(name) = control.attr("name") else { continue };
        let is_box = matches!(control.attr("type"), Some("checkbox" | "radio"));
        if is_box && control.attr("checked").is_none() {
            continue;
        }
        let value = match control.value().name() {
            // A parser drops the line break after the tag.
            "textarea" => control.text().collect::<String>(),
            _ => control.attr("value").unwrap_or_default().to_owned(),
        };
        fields.push((name.to_owned(), value));
    }
    fields
}

/// Replaces or adds fields.
fn with(mut fields: Vec<(String, String)>, new: &[(&str, &str)]) -> Vec<(String, String)> {
    for (name, _) in new {
        fields.retain(|(field, _)| field != name);
    }
    fields.extend(new.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

async fn send(browser: &OperatorBrowser, path: &str, fields: &[(String, String)]) -> Response {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.post(path, &fields).await
}

fn value(page: &Response, field: &str) -> String {
    let found = page.attributes(&format!("#{field}"), "value");
    if found.is_empty() { page.texts(&format!("#{field}")).concat() } else { found.concat() }
}

/// Waits until the site's pages show what the operator has changed.
async fn settled(app: &TestApp) {
    app.up_to_date(&mut crate::support::connect(&app.database).await).await;
}

#[actix_web::test]
async fn form_sets_changes_and_clears_facts() {
    let (app, ada) = site().await;
    let path = format!("/admin/films/{}", id(&app, "movies", "ran-1985").await);
    let page = ada.get(&path).await;
    assert_eq!(page.attributes("main", "data-page"), ["films.edit"]);
    let form = fields(&page, &path);
    let unchanged = send(&ada, &path, &form).await;
    assert_eq!(unchanged.status, 303);
    assert!(ada.get(&path).await.texts("#message").concat().contains("Nothing changed"));
    assert_eq!(app.count("changes").await, 0);

    let changed = with(
        form,
        &[
            ("title", "Ran!"),
            ("released", "1985-01-01"),
            ("runtime", ""),
            ("directors", "Akira Kurosawa\r\nIshiro Honda"),
            ("tags", "War\r\nDrama\r\nEpic"),
            ("cast", "Tatsuya Nakadai as Hidetora\r\nMieko Harada"),
            ("language", "ja"),
            ("country", "Japan"),
            ("synopsis", "An old lord divides his realm."),
            ("link_text", "Tickets"),
            ("link_url", "https://tickets.example/ran"),
            ("create", "directors"),
            ("note", "From the programme"),
        ],
    );
    let create_tags = [changed, vec![("create".to_owned(), "tags".to_owned())]].concat();
    let saved = send(&ada, &path, &create_tags).await;
    assert_eq!((saved.status, saved.header("location")), (303, path.as_str()), "{}", saved.html);
    let page = ada.get(&path).await;
    assert!(page.texts("#message").concat().contains("Ran! saved"));
    assert_eq!(value(&page, "directors"), "Akira Kurosawa Ishiro Honda");
    assert_eq!(value(&page, "cast"), "Tatsuya Nakadai as Hidetora Mieko Harada");
    settled(&app).await;
    let film = app.export().await.into_iter().find(|record| record["slug"] == "ran-1985").unwrap();
    assert_eq!((&film["title"], &film["released"]), (&"Ran!".into(), &"1985-01-01".into()));
    assert_eq!(
        (&film["runtime"], &film["tags"]),
        (&Value::Null, &serde_json::json!(["War", "Drama", "Epic"]))
    );
    assert!(app.get("/movies/ran-1985").await.html.contains("Ran!"));
    assert!(app.get("/movies").await.html.contains("Ran!"));
    // A field that is not sent keeps its value.
    assert_eq!(ada.post(&path, &[("year", "1985"), ("title", "Ran")]).await.status, 303);
    assert_eq!(value(&ada.get(&path).await, "country"), "Japan");
}

#[actix_web::test]
async fn five_mistakes_come_back_with_five_messages_and_everything_typed() {
    let (app, ada) = site().await;
    let path = format!("/admin/films/{}", id(&app, "movies", "ran-1985").await);
    let long = "x".repeat(20_001);
    let typed = [
        ("title", "<script>alert(1)</script>"),
        ("year", "next"),
        ("runtime", "long"),
        ("imdb", "nm1"),
        ("directors", "Akira Kurosava\r\nNobody"),
        ("synopsis", long.as_str()),
    ];
    let form = with(fields(&ada.get(&path).await, &path), &typed);
    let page = send(&ada, &path, &form).await;
    assert_eq!(page.status, 422);
    for field in ["year", "runtime", "imdb", "synopsis"] {
        assert_eq!(page.texts(&format!("#error-{field}")).len(), 1, "{field}");
        assert!(page.attributes(&format!("#{field}"), "aria-invalid").contains(&"true".to_owned()));
    }
    assert_eq!(value(&page, "year"), "next");
    assert_eq!(value(&page, "title"), "<script>alert(1)</script>");
    assert!(page.html.contains(&long) && !page.html.contains("<script>alert"));
    assert!(page.texts("title").concat().starts_with("Error:"));
    assert_eq!(app.count("changes").await, 0);

    let form = with(fields(&ada.get(&path).await, &path), &[("directors", "Akira Kurosava")]);
    let page = send(&ada, &path, &form).await;
    assert_eq!(page.status, 422);
    assert!(page.texts("main").concat().contains("Akira Kurosawa"), "similar names");
    assert_eq!(page.attributes("input[name=create]", "value"), ["directors"]);
}

#[actix_web::test]
async fn new_film_that_is_another_one_is_refused_unless_allowed() {
    let (app, ada) = site().await;
    let film = [("title", "Ran"), ("year", "1985"), ("directors", "Akira Kurosawa")];
    let page = ada.post("/admin/films/new", &film).await;
    assert_eq!(page.status, 422);
    let ran = id(&app, "movies", "ran-1985").await;
    assert!(page.attributes("main a", "href").contains(&format!("/admin/films/{ran}")));
    let saved =
        ada.post("/admin/films/new", &[&film[..], &[("allow_duplicate", "yes")]].concat()).await;
    assert_eq!(saved.status, 303);
    assert_eq!(id(&app, "movies", "ran-1985-2").await, ran + 4);
    let empty = ada.post("/admin/films/new", &[("title", "")]).await;
    assert_eq!((empty.status, empty.texts("#error-title").len()), (422, 1));
}

#[actix_web::test]
async fn two_operators_keep_both_edits_or_see_both_values() {
    let (app, ada) = site().await;
    let bo = operator(&app, "bo", Role::Editor).await;
    let path = format!("/admin/films/{}", id(&app, "movies", "ran-1985").await);
    let (one, other) = (ada.get(&path).await, bo.get(&path).await);
    assert_eq!(
        send(&ada, &path, &with(fields(&one, &path), &[("year", "1986")])).await.status,
        303
    );
    assert_eq!(
        send(&bo, &path, &with(fields(&other, &path), &[("runtime", "160")])).await.status,
        303
    );
    let page = ada.get(&path).await;
    assert_eq!((value(&page, "year"), value(&page, "runtime")), ("1986".into(), "160".into()));

    let stale = with(fields(&other, &path), &[("year", "1990"), ("imdb", "tt1")]);
    let conflict = send(&bo, &path, &stale).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(value(&conflict, "year"), "1990");
    assert_eq!(conflict.texts("[data-theirs=year]"), ["1986"]);
    assert!(conflict.texts("main").concat().contains("ada"));
    assert_eq!(value(&ada.get(&path).await, "imdb"), "tt0089881");
    let chosen = with(fields(&conflict, &path), &[("take-year", "theirs")]);
    assert_eq!(send(&bo, &path, &chosen).await.status, 303);
    let page = ada.get(&path).await;
    assert_eq!((value(&page, "year"), value(&page, "imdb")), ("1986".into(), "tt1".into()));
    assert_eq!(value(&page, "runtime"), "160");
}

#[actix_web::test]
async fn trashed_film_keeps_what_was_typed_and_is_restored() {
    let (app, ada) = site().await;
    let path = format!("/admin/films/{}", id(&app, "movies", "ran-1985").await);
    let form = with(fields(&ada.get(&path).await, &path), &[("title", "Typed meanwhile")]);
    let confirmation = ada.get(&format!("{path}/trash")).await;
    let trash = fields(&confirmation, &format!("{path}/trash"));
    assert_eq!(
        send(&ada, &format!("{path}/trash"), &trash).await.header("location"),
        "/admin/films"
    );
    settled(&app).await;
    assert_eq!(app.get("/movies/ran-1985").await.status, 410);
    let gone = send(&ada, &path, &form).await;
    assert_eq!((gone.status, value(&gone, "title")), (410, "Typed meanwhile".into()));
    // Another film takes the address.
    let film = [("title", "Other"), ("slug", "ran-1985"), ("year", "2000")];
    assert_eq!(ada.post("/admin/films/new", &film).await.status, 303);
    let restore = gone.attributes("form[action^='/admin/trash/']", "action").concat();
    let restored = ada.post(&restore, &[]).await;
    assert_eq!(restored.header("location"), path);
    assert!(ada.get(&path).await.texts("#message").concat().contains("ran-1985-2"));
    settled(&app).await;
    assert_eq!(app.get("/movies/ran-1985-2").await.status, 200);
}

#[actix_web::test]
async fn purged_record_cannot_be_restored() {
    let (app, ada) = site().await;
    let path = format!("/admin/tags/{}", id(&app, "tags", "war").await);
    let confirmation = ada.get(&format!("{path}/trash")).await;
    assert_eq!(confirmation.attributes("[data-films]", "data-films"), ["1"]);
    ada.post(&format!("{path}/trash"), &[]).await;
    let bo = operator(&app, "bo", Role::Editor).await;
    let record = ada.get("/admin/trash").await.attributes("tr a", "href").concat();
    assert_eq!(bo.post(&format!("{record}/purge"), &[]).await.status, 403);
    assert_eq!(ada.post(&format!("{record}/purge"), &[]).await.status, 303);
    assert_eq!(ada.post(&format!("{record}/restore"), &[]).await.status, 410);
    assert_eq!(app.count("tags").await, 1);
}

#[actix_web::test]
async fn merge_shows_both_records_and_can_be_undone() {
    let (app, ada) = site().await;
    let (ran, kagemusha) =
        (id(&app, "movies", "ran-1985").await, id(&app, "movies", "kagemusha-1980").await);
    let before = app.export().await;
    let path = format!("/admin/films/{ran}/merge");
    assert_eq!(
        ada.post(&path, &[("into", &ran.to_string()), ("confirm", "yes")]).await.status,
        422
    );
    assert_eq!(ada.post(&path, &[("into", "999999"), ("confirm", "yes")]).await.status, 422);
    let page = ada.get(&format!("{path}?into={kagemusha}")).await;
    let form = with(fields(&page, &path), &[("take-title", "this"), ("take-tags", "both")]);
    let merged = send(&ada, &path, &form).await;
    assert_eq!(merged.header("location"), format!("/admin/films/{kagemusha}"), "{}", merged.html);
    settled(&app).await;
    assert_eq!(app.get("/movies/ran-1985").await.header("location"), "/movies/kagemusha-1980");
    let page = ada.get(&format!("/admin/films/{kagemusha}")).await;
    assert_eq!((value(&page, "title"), value(&page, "tags")), ("Ran".into(), "Drama War".into()));
    let entry = ada.get(&format!("/admin/films/{kagemusha}/history")).await;
    let entry = entry.attributes("[data-change]", "data-change")[0].clone();
    assert_eq!(ada.post(&format!("/admin/history/{entry}/revert"), &[]).await.status, 303);
    settled(&app).await;
    assert_eq!(app.export().await, before);
}

#[actix_web::test]
async fn history_compares_versions_and_restores_one() {
    let (app, ada) = site().await;
    let path = format!("/admin/films/{}", id(&app, "movies", "stalker-1979").await);
    for (field, new) in [
        ("year", "1980"),
        ("runtime", "163"),
        ("synopsis", "A guide leads two friends through the Zone."),
        ("year", "1981"),
    ] {
        let form = with(fields(&ada.get(&path).await, &path), &[(field, new)]);
        assert_eq!(send(&ada, &path, &form).await.status, 303);
    }
    let page = ada.get(&format!("{path}/history?from=2&to=5")).await;
    let compared = page.attributes("#comparison [data-field]", "data-field");
    assert_eq!(compared, ["year", "runtime", "synopsis"]);
    assert_eq!(page.texts("#comparison [data-field=synopsis] del"), ["removed: men"]);
    assert_eq!(
        ada.post(&format!("{path}/revert"), &[("to", "2"), ("version", "5")]).await.status,
        303
    );
    let page = ada.get(&path).await;
    assert_eq!((value(&page, "year"), value(&page, "runtime")), ("1980".into(), String::new()));
    let list = ada.get("/admin/history?operator=ada&kind=films&action=edit").await;
    assert_eq!(list.attributes("[data-change]", "data-change").len(), 4);
    assert!(
        ada.get("/admin/history?operator=nobody")
            .await
            .attributes("[data-change]", "data-change")
            .is_empty()
    );
    // The field of the first edit has changed again.
    let first = list.attributes("[data-change]", "data-change").pop().unwrap();
    let year = with(fields(&ada.get(&path).await, &path), &[("year", "1999")]);
    send(&ada, &path, &year).await;
    let refused = ada.post(&format!("/admin/history/{first}/revert"), &[]).await;
    assert_eq!((refused.status, refused.texts("#error-year").len()), (409, 1));
}

#[actix_web::test]
async fn viewer_reads_records_and_changes_nothing() {
    let (app, _) = site().await;
    let vera = operator(&app, "vera", Role::Viewer).await;
    let path = format!("/admin/films/{}", id(&app, "movies", "ran-1985").await);
    let page = vera.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.attributes("main button", "name").is_empty());
    assert_eq!(vera.post(&path, &[("title", "X")]).await.status, 403);
    assert_eq!(vera.get("/admin/films/new").await.status, 403);
    assert_eq!(app.count("changes").await, 0);
}

#[actix_web::test]
async fn notices_tags_and_people_are_edited_alike() {
    let (app, ada) = site().await;
    let notice =
        [("slug", "closed"), ("level", "warning"), ("text", "Closed on Monday"), ("active", "yes")];
    assert_eq!(ada.post("/admin/notices/new", &notice).await.status, 303);
    settled(&app).await;
    assert!(app.get("/").await.html.contains("Closed on Monday"));
    let wrong = [("slug", "A B"), ("text", ""), ("level", "x"), ("starts_on", "soon")];
    let page = ada.post("/admin/notices/new", &wrong).await;
    assert_eq!((page.status, page.texts("[id^=error-]").len()), (422, 4));
    let path = format!("/admin/notices/{}", id(&app, "notices", "closed").await);
    let future = with(fields(&ada.get(&path).await, &path), &[("starts_on", "2199-01-01")]);
    assert_eq!(send(&ada, &path, &future).await.status, 303);
    settled(&app).await;
    assert!(!app.get("/").await.html.contains("Closed on Monday"));

    let person = format!("/admin/directors/{}", id(&app, "people", "akira-kurosawa").await);
    let form = with(
        fields(&ada.get(&person).await, &person),
        &[
            ("born", "1910"),
            ("died", "1998"),
            ("biography", "A Japanese director."),
            ("imdb", "nm0000041"),
        ],
    );
    assert_eq!(send(&ada, &person, &form).await.status, 303);
    let wrong = with(fields(&ada.get(&person).await, &person), &[("died", "1900")]);
    assert_eq!(send(&ada, &person, &wrong).await.texts("#error-died").len(), 1);
    let cleared = with(
        fields(&ada.get(&person).await, &person),
        &[("born", ""), ("biography", ""), ("imdb", "")],
    );
    assert_eq!(send(&ada, &person, &cleared).await.status, 303);
    let page = ada.get(&person).await;
    assert_eq!(
        (value(&page, "born"), value(&page, "died"), value(&page, "source")),
        (String::new(), "1998".into(), String::new())
    );
    let taken = ada.post("/admin/tags/new", &[("name", "drama")]).await;
    assert_eq!((taken.status, taken.texts("#error-name").len()), (422, 1));
}
