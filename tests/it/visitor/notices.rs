use reqwest::Method;
use reqwest::header::REFERER;

use crate::support::{Response, TestApp};

const PAGES: [&str; 5] = ["/", "/movies", "/movies/film-1-1901", "/preferences", "/nope"];

/// One warning, and nothing else.
async fn warned() -> TestApp {
    let app = TestApp::with_many_films(2).await;
    app.execute("DELETE FROM notices").await;
    app.execute("INSERT INTO notices VALUES ('upkeep', 'warning', 'Closed <b>tonight</b>.', true)")
        .await;
    app
}

fn notices(page: &Response) -> Vec<String> {
    page.texts(".notice p")
}

#[actix_web::test]
async fn new_site_links_to_stored_data() {
    let app = TestApp::spawn().await;
    let page = app.get("/").await;
    assert!(notices(&page)[0].starts_with("No account needed."), "{:?}", notices(&page));
}

#[actix_web::test]
async fn dismissed_warning_stays_dismissed() {
    let app = warned().await;
    for path in PAGES {
        assert_eq!(notices(&app.get(path).await), ["Warning: Closed <b>tonight</b>."], "{path}");
    }
    let action = app.get("/movies").await.attributes(".notice", "action").remove(0);
    let page = format!("{}/movies?page=1&per=6", app.address);
    let press = app.request(Method::POST, &action).header(REFERER, page);
    let back = app.send(press).await;
    assert_eq!((back.status, back.header("location")), (303, "/movies?page=1&per=6#main"));

    let visitor = app.restarted().await;
    for path in PAGES {
        assert_eq!(notices(&visitor.get(path).await), [""; 0], "{path}");
    }
    assert_eq!(notices(&app.other_visitor().get("/").await).len(), 1);
    assert!(app.get("/you").await.outline().contains("Dismissed notice\n"));
}

#[actix_web::test]
async fn changed_notice_is_shown_again() {
    let app = warned().await;
    app.post("/notices/upkeep/dismiss", &[]).await;
    app.execute("UPDATE notices SET text = 'Open again.'").await;
    assert_eq!(notices(&app.get("/").await), ["Warning: Open again."]);
    app.execute("UPDATE notices SET text = 'Closed <b>tonight</b>.'").await;
    assert_eq!(notices(&app.get("/").await), [""; 0]);
    app.execute("UPDATE notices SET level = 'info'").await;
    assert_eq!(notices(&app.get("/").await), ["Closed <b>tonight</b>."]);
    app.execute("UPDATE notices SET active = false").await;
    assert_eq!(notices(&app.get("/").await), [""; 0]);
}

/// That page has the address of the form that it answers, which nobody can open.
#[actix_web::test]
async fn dismissing_a_notice_on_an_error_page_redirects() {
    let app = warned().await;
    for form in
        ["/movies/film-1-1901/watchlist", "/notices/nope/dismiss", "/you/history?at=history"]
    {
        let before = format!("{}{form}", app.address);
        let press = app.request(Method::POST, "/notices/upkeep/dismiss?at=main");
        let back = app.send(press.header(REFERER, before)).await;
        assert_eq!((back.status, back.header("location")), (303, "/#main"), "{form}");
    }
    let before = format!("{}/preferences", app.address);
    let press = app.request(Method::POST, "/notices/upkeep/dismiss?at=main");
    let back = app.send(press.header(REFERER, before)).await;
    assert_eq!(back.header("location"), "/preferences#main", "which shows something, too");
}

#[actix_web::test]
async fn only_active_notices_can_be_dismissed() {
    let app = warned().await;
    app.execute("INSERT INTO notices VALUES ('hidden', 'info', 'Not yet.', false)").await;
    for slug in ["nope", "hidden", "%00"] {
        let answer = app.post(&format!("/notices/{slug}/dismiss"), &[]).await;
        assert_eq!(answer.status, 404, "{slug}");
    }
    assert_eq!(app.get("/notices/upkeep/dismiss").await.status, 405);
    assert_eq!(app.count("sessions").await, 0);
}
