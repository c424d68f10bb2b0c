//! Owners change operators.

use marquee::operators::Role;

use super::{OperatorBrowser, PASSWORD, operator};
use crate::support::TestApp;

async fn id(app: &TestApp, name: &str) -> String {
    app.text(&format!("SELECT id::text AS text FROM operators WHERE name = '{name}'")).await
}

#[actix_web::test]
async fn owner_adds_an_operator_who_sets_a_password_by_the_link() {
    let app = TestApp::spawn_with(&["--public-url=http://films.example"]).await;
    let owner = operator(&app, "ada", Role::Owner).await;
    let form = [("name", " Bob "), ("display_name", "Bob <b>"), ("role", "viewer")];
    let response = owner.post("/admin/operators/new", &form).await;
    let path = format!("/admin/operators/{}", id(&app, "bob").await);
    assert_eq!((response.status, response.header("location")), (303, path.as_str()));
    let page = owner.get(&path).await;
    assert_eq!(page.attributes("main", "data-page"), ["operators.edit"]);
    let link = page.texts("#link").remove(0);
    let link = link.strip_prefix("http://films.example").expect(&link).to_owned();
    assert_eq!(owner.get(&path).await.texts("#link"), [""; 0], "it is shown once");

    let browser = OperatorBrowser(app.other_visitor());
    let shown = browser.get(&link).await;
    assert_eq!((shown.status, shown.header("referrer-policy")), (200, "no-referrer"));
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    // Browsers hide the origin of a page without a referrer.
    let request = browser.0.request(reqwest::Method::POST, &link).header("Origin", "null");
    assert_eq!(browser.0.send(request.form(&form)).await.header("location"), "/admin");
    assert!(browser.is_logged_in().await);
    let list = owner.get("/admin/operators").await;
    assert_eq!(list.attributes("table", "data-total"), ["2"]);
    assert!(list.texts("tbody tr")[1].starts_with("bob Bob <b> Viewer Active"));
}

#[actix_web::test]
async fn form_of_an_operator_comes_back_with_every_problem() {
    let app = TestApp::spawn().await;
    let owner = operator(&app, "ada", Role::Owner).await;
    for (name, role, field) in [
        ("", "editor", "name"),
        ("a b", "editor", "name"),
        ("ADA", "viewer", "name"),
        ("bob", "king", "role"),
    ] {
        let form = [("name", name), ("display_name", "Typed"), ("role", role)];
        let page = owner.post("/admin/operators/new", &form).await;
        assert_eq!(page.status, 422, "{name}");
        assert_eq!(page.texts(&format!("#error-{field}")).len(), 1, "{name}");
        assert_eq!(page.attributes("#display_name", "value"), ["Typed"]);
        assert_eq!(page.attributes("#problems a", "href"), [format!("#{field}")]);
        assert_eq!(page.attributes(&format!("#{field}"), "aria-describedby").len(), 1);
    }
    assert_eq!(app.count("operators").await, 1);
}

#[actix_web::test]
async fn last_owner_can_neither_be_disabled_nor_demoted() {
    let app = TestApp::spawn().await;
    let ada = operator(&app, "ada", Role::Owner).await;
    let path = format!("/admin/operators/{}", id(&app, "ada").await);
    let demoted = ada.post(&path, &[("role", "editor")]).await;
    assert_eq!((demoted.status, demoted.texts("#error-role").len()), (422, 1));
    assert_eq!(ada.post(&format!("{path}/disable"), &[]).await.status, 422);

    // Two owners give up their role at the same time.
    let bob = operator(&app, "bob", Role::Owner).await;
    let of_bob = format!("/admin/operators/{}", id(&app, "bob").await);
    let viewer = [("role", "viewer")];
    let (one, other) = tokio::join!(ada.post(&path, &viewer), bob.post(&of_bob, &viewer));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    let owners = "SELECT count(*) AS number FROM operators WHERE role = 'owner'";
    assert_eq!(crate::support::number(&app.database, owners).await, 1);
}

#[actix_web::test]
async fn changes_of_rights_apply_from_the_next_request() {
    let app = TestApp::spawn().await;
    let owner = operator(&app, "ada", Role::Owner).await;
    let bob = operator(&app, "bob", Role::Editor).await;
    let path = format!("/admin/operators/{}", id(&app, "bob").await);
    assert_eq!(bob.get("/admin/security").await.status, 403);
    let promoted = owner.post(&path, &[("role", "owner")]).await;
    assert_eq!(promoted.status, 303);
    assert_eq!(bob.get("/admin/security").await.status, 200);
    assert_eq!(owner.post(&format!("{path}/disable"), &[]).await.status, 303);
    assert!(!bob.is_logged_in().await);
    assert_eq!(bob.log_in("bob", PASSWORD).await.status, 422);
    owner.post(&format!("{path}/enable"), &[]).await;
    assert_eq!(bob.log_in("bob", PASSWORD).await.status, 303);
    assert_eq!(owner.post(&format!("{path}/end-sessions"), &[]).await.status, 303);
    assert!(!bob.is_logged_in().await && owner.is_logged_in().await);
    let events = owner.get("/admin/security").await.attributes("tr[data-event]", "data-event");
    for event in ["role_changed", "disabled", "enabled", "sessions_ended", "added"] {
        assert!(events.iter().any(|recorded| recorded == event), "{event}");
    }
}

#[actix_web::test]
async fn change_based_on_an_old_version_is_refused() {
    let app = TestApp::spawn().await;
    let owner = operator(&app, "ada", Role::Owner).await;
    operator(&app, "bob", Role::Editor).await;
    let path = format!("/admin/operators/{}", id(&app, "bob").await);
    let version = owner.get(&path).await.attributes("[name=version]", "value").remove(0);
    let form = |name| [("display_name", name), ("role", "editor"), ("version", version.as_str())];
    assert_eq!(owner.post(&path, &form("First")).await.status, 303);
    let stale = owner.post(&path, &form("Second")).await;
    assert_eq!(
        (stale.status, stale.attributes("#display_name", "value")),
        (409, vec!["Second".into()])
    );
    let stored = "SELECT display_name AS text FROM operators WHERE name = 'bob'";
    assert_eq!(app.text(stored).await, "First");
    // The form that came back is saved over the other change.
    let version = stale.attributes("[name=version]", "value").remove(0);
    let form = [("display_name", "Second"), ("version", version.as_str())];
    assert_eq!(owner.post(&path, &form).await.status, 303);
    assert_eq!(owner.post(&path, &[("version", "x")]).await.status, 422);
    assert_eq!(owner.get("/admin/operators/x").await.status, 404);
}

#[actix_web::test]
async fn events_cannot_be_changed_or_removed() {
    let app = TestApp::spawn().await;
    operator(&app, "ada", Role::Owner).await;
    let mut conn = crate::support::connect(&app.database).await;
    for statement in [
        "UPDATE operator_events SET actor = 'x'",
        "DELETE FROM operator_events",
        "TRUNCATE operator_events",
    ] {
        let refused = diesel_async::RunQueryDsl::execute(diesel::sql_query(statement), &mut conn);
        assert!(refused.await.is_err(), "{statement}");
    }
}
