//! `marquee operators` and `marquee check`.

use reqwest::redirect::Policy;
use tempfile::TempDir;

use super::{OperatorBrowser, PASSWORD};
use crate::commands::run;
use crate::program::{Site, command};
use crate::support::{TestApp, fresh_database};

/// Runs `marquee operators` with these arguments. Returns the status, the output and the errors.
async fn operators(database: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let args = [&["operators"], args].concat();
    let settings = [("DATABASE_URL", database), ("PUBLIC_URL", "http://films.example")];
    let output = run(folder.path(), &args, &settings).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[actix_web::test]
async fn first_operator_is_an_owner_and_logs_in_by_the_printed_link() {
    let app = TestApp::spawn().await;
    let (status, output, _) = operators(&app.database, &["add", "ada"]).await;
    assert_eq!(status, Some(0));
    let link = output.lines().last().unwrap();
    let path = link.strip_prefix("http://films.example").expect(link);
    let browser = OperatorBrowser(app.other_visitor());
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(browser.post(path, &form).await.status, 303);
    operators(&app.database, &["add", "bob", "--as", "ada"]).await;
    operators(&app.database, &["add", "eve", "--role", "viewer"]).await;
    let (_, list, _) = operators(&app.database, &[]).await;
    assert_eq!(list, "ada (owner)\nbob (editor, no password yet)\neve (viewer, no password yet)\n");
    let actors = "SELECT string_agg(DISTINCT actor, ';' ORDER BY actor) AS text \
                  FROM operator_events WHERE event = 'added'";
    let actors = app.text(actors).await;
    assert!(actors.starts_with("ada;command line ("), "{actors}");
}

#[actix_web::test]
async fn refused_command_names_the_field_and_changes_nothing() {
    let database = fresh_database().await;
    operators(&database, &["add", "ada"]).await;
    for (args, reason) in [
        (&["add", "a b"][..], "name: Enter a name"),
        (&["add", "ADA"], "name: Choose another name"),
        (&["role", "ada", "editor"], "role: Make another operator an owner first"),
        (&["disable", "ada"], "role: Make another operator an owner first"),
        (&["link", "nobody"], "name: there is no operator \"nobody\""),
        (&["add", "bob", "--as", "nobody"], "as: there is no operator \"nobody\""),
    ] {
        let (status, output, errors) = operators(&database, args).await;
        assert_eq!((status, output.as_str()), (Some(1), ""), "{args:?}");
        assert!(errors.contains(reason), "{args:?}: {errors}");
    }
    let (status, output, _) = operators(&database, &["enable", "ada"]).await;
    assert_eq!((status, output.as_str()), (Some(0), "Nothing to do.\n"));
    assert_eq!(crate::support::count(&database, "operators").await, 1);
}

#[actix_web::test]
async fn commands_list_and_end_sessions_and_change_roles() {
    let app = TestApp::spawn().await;
    let ada = super::operator(&app, "ada", marquee::operators::Role::Owner).await;
    let bob = super::operator(&app, "bob", marquee::operators::Role::Editor).await;
    let (_, sessions, _) = operators(&app.database, &["sessions", "bob"]).await;
    assert!(sessions.starts_with("started 0 min ago") && sessions.contains("127.0.0.0/24"));
    let (status, output, _) = operators(&app.database, &["log-out", "bob"]).await;
    assert_eq!((status, output.as_str()), (Some(0), "bob: sessions ended: 1\n"));
    assert!(!bob.is_logged_in().await && ada.is_logged_in().await);
    operators(&app.database, &["log-out", "--all"]).await;
    assert!(!ada.is_logged_in().await);
    bob.log_in("bob", PASSWORD).await;
    operators(&app.database, &["role", "bob", "owner"]).await;
    assert_eq!(bob.get("/admin/security").await.status, 200);
    operators(&app.database, &["disable", "bob"]).await;
    assert!(!bob.is_logged_in().await);
    let (_, output, _) = operators(&app.database, &["reset-second-factor", "bob"]).await;
    assert_eq!(output, "Nothing to do.\n");
}

#[actix_web::test]
async fn check_prints_the_routes_of_the_admin() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["check", "--routes"], &[]).await;
    let table = String::from_utf8(output.stdout).unwrap();
    for row in [
        "GET /admin owner,editor,viewer\n",
        "GET /admin/login anyone\n",
        "POST /admin/logout owner,editor,viewer\n",
        "POST /admin/account/sessions/end-others owner,editor,viewer confirmed\n",
        "POST /admin/operators/{id}/disable owner confirmed\n",
        "GET /admin/security owner\n",
    ] {
        assert!(table.contains(row), "{row}");
    }
}

#[actix_web::test]
async fn log_names_denied_requests_and_holds_no_secret() {
    let folder = TempDir::new().unwrap();
    let database = fresh_database().await;
    let mut command = command(folder.path());
    command.env("DATABASE_URL", &database);
    let site = Site::start_command(command).await;
    let (_, output, _) = operators(&database, &["add", "ada", "--role", "viewer"]).await;
    let token = output.trim().rsplit('/').next().unwrap().to_owned();
    let browser = reqwest::Client::builder().cookie_store(true).redirect(Policy::none());
    let browser = browser.build().unwrap();
    let url = |path: &str| format!("{}{path}", site.address);
    let post = |path: &str, form: &[(&str, &str)]| {
        browser.post(url(path)).header("Origin", &site.address).form(form).send()
    };
    let link = format!("/admin/set-up/{token}");
    browser.get(url(&link)).send().await.unwrap();
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    let set = post(&link, &form).await.unwrap();
    let cookies: Vec<String> = set.cookies().map(|cookie| cookie.value().to_owned()).collect();
    post("/admin/login", &[("name", "ada"), ("password", "wrong password")]).await.unwrap();
    let denied = browser.get(url("/admin/operators")).send().await.unwrap();
    assert_eq!(denied.status(), 403);
    let id = denied.headers()["x-request-id"].to_str().unwrap().to_owned();
    site.signal("TERM");
    let (_, _, log) = site.ended().await;
    let line = log.lines().find(|line| line.contains("denied GET /admin/operators"));
    let line = line.expect(&log);
    assert!(line.contains("ada") && line.contains(&id), "{line}");
    let cookies = cookies.into_iter().filter(|cookie| cookie.len() > 10);
    let secrets = cookies.chain([token, PASSWORD.to_owned(), "wrong password".to_owned()]);
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret}");
    }
}
