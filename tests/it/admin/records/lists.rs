//! Lists and bulk actions.

use serde_json::Value;

use super::{fields, id, send, settled, site, with};
use crate::support::Response;

#[actix_web::test]
async fn lists_count_exactly_and_lead_back_with_their_filters() {
    let (app, ada) = site().await;
    for (query, total) in [
        ("", 4),
        ("?tag=drama", 3),
        ("?tag=drama&decade=1980s", 2),
        ("?director=andrei-tarkovsky", 2),
        ("?missing=tag", 1),
        ("?missing=synopsis&missing=runtime", 2),
        ("?missing=year", 0),
        ("?q=stalker", 1),
        ("?sort=nonsense&per=7&tag=", 4),
    ] {
        let page = ada.get(&format!("/admin/films{query}")).await;
        assert_eq!(page.attributes("table", "data-total"), [total.to_string()], "{query}");
        assert_eq!(page.attributes("[data-id]", "data-id").len(), total, "{query}");
    }
    let titles = |page: &Response| page.texts("[data-id] th");
    assert_eq!(titles(&ada.get("/admin/films?sort=-year").await)[0], "Ran");
    assert_eq!(titles(&ada.get("/admin/films?sort=-title").await)[0], "Stalker");
    assert_eq!(ada.get("/admin/films?page=2").await.status, 404);
    for (kind, total) in [("directors", "2"), ("tags", "2"), ("notices", "1")] {
        let page = ada.get(&format!("/admin/{kind}")).await;
        assert_eq!(page.attributes("table", "data-total"), [total], "{kind}");
    }
    let list = ada.get("/admin/films?tag=drama&sort=-year").await;
    let link = list.attributes("[data-id] a", "href")[0].clone();
    let path = format!("/admin/films/{}", id(&app, "movies", "ran-1985").await);
    let form = with(fields(&ada.get(&link).await, &path), &[("then", "list")]);
    assert_eq!(
        send(&ada, &path, &form).await.header("location"),
        "/admin/films?tag=drama&sort=-year"
    );
    let found = ada.get("/admin/suggest?kind=directors&q=kuro").await;
    let found: Value = serde_json::from_str(&found.html).unwrap();
    assert_eq!(found[0]["value"], "Akira Kurosawa");
    assert_eq!(ada.get("/admin/go?path=/movies/ran-1985").await.header("location"), path);
}

#[actix_web::test]
async fn bulk_action_changes_exactly_what_matches_and_is_undone_as_one() {
    let (app, ada) = site().await;
    let before = app.export().await;
    let chosen = [
        ("all", "yes"),
        ("where", "tag=drama"),
        ("count", "3"),
        ("action", "add-tag"),
        ("value", "War"),
    ];
    let page = ada.post("/admin/films/bulk", &chosen).await;
    assert_eq!(
        (page.status, page.attributes("[data-count]", "data-count")),
        (200, vec!["3".into()])
    );
    let form = fields(&page, "/admin/films/bulk");
    let done = send(&ada, "/admin/films/bulk", &form).await;
    assert_eq!(done.status, 303, "{}", done.html);
    let job = done.header("location").to_owned();
    let page = ada.get(&job).await;
    assert_eq!(page.attributes("#job", "data-state"), ["done"]);
    assert_eq!(page.attributes("#job", "data-done"), ["2"]);
    settled(&app).await;
    assert_eq!(ada.get("/admin/films?tag=war").await.attributes("table", "data-total"), ["3"]);
    let changed = send(&ada, "/admin/films/bulk", &with(form.clone(), &[("count", "4")])).await;
    assert_eq!(changed.status, 409);
    assert_eq!(ada.post(&format!("{job}/undo"), &[]).await.status, 303);
    settled(&app).await;
    assert_eq!(app.export().await, before);

    let ran = id(&app, "movies", "ran-1985").await.to_string();
    let trash = [("id", ran.as_str()), ("count", "1"), ("action", "trash"), ("confirm", "yes")];
    let job = ada.post("/admin/films/bulk", &trash).await.header("location").to_owned();
    settled(&app).await;
    assert_eq!(app.get("/movies/ran-1985").await.status, 410);
    assert_eq!(ada.post(&format!("{job}/undo"), &[]).await.status, 303);
    settled(&app).await;
    assert_eq!(app.export().await, before);
    let unknown = [("id", ran.as_str()), ("action", "add-tag"), ("value", "Nonsense")];
    assert_eq!(ada.post("/admin/films/bulk", &unknown).await.status, 422);
    let many: Vec<String> = (1..=10_001).map(|id| id.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|id| ("id", id.as_str())).collect();
    let many = [&many[..], &[("action", "trash")]].concat();
    assert_eq!(ada.post("/admin/films/bulk", &many).await.status, 422);
}
