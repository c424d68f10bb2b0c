//! Flash messages.

use actix_web::web::{self, Path};
use actix_web::{App, Result, test};
use actix_web_sessions::flash::{Flash, Level};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{Session, Sessions};

use super::send;

async fn add(flash: Flash, text: Path<String>) -> Result<&'static str> {
    flash.debug("for developers")?;
    flash.success(text.as_str())?;
    flash.add_tagged(Level::Error, text.as_str(), "form title")?;
    Ok("added")
}

/// Shows the messages, adds another one, and shows the names of all values.
async fn show(flash: Flash, session: Session) -> Result<String> {
    let shown: Vec<String> =
        flash.drain().await?.iter().map(|m| format!("{}: {}", m.tags(), m.text)).collect();
    Ok(format!("{shown:?} {:?}", session.keys()))
}

async fn show_and_add(flash: Flash) -> Result<String> {
    let shown = flash.drain().await?.len();
    flash.info("later")?;
    Ok(shown.to_string())
}

macro_rules! site {
    ($sessions:expr) => {
        test::init_service(
            App::new()
                .wrap($sessions)
                .route("/add/{text}", web::post().to(add))
                .route("/show", web::get().to(show))
                .route("/show-and-add", web::post().to(show_and_add)),
        )
        .await
    };
}

#[actix_web::test]
async fn messages_are_shown_once_in_order_by_level_and_tags() {
    let app = site!(Sessions::new(Memory::new()));
    let cookie = send(&app, "POST", "/add/one", "").await.id();
    send(&app, "POST", "/add/two", &cookie).await;
    let shown = send(&app, "GET", "/show", &cookie).await.body;
    let all =
        r#"["success: one", "form title error: one", "success: two", "form title error: two"] []"#;
    assert_eq!(shown, all);
    assert_eq!(send(&app, "GET", "/show", &cookie).await.body, "[] []");
}

#[actix_web::test]
async fn message_that_is_added_after_reading_is_for_the_next_page() {
    let app = site!(Sessions::new(Memory::new()));
    let cookie = send(&app, "POST", "/add/one", "").await.id();
    assert_eq!(send(&app, "POST", "/show-and-add", &cookie).await.body, "2");
    assert_eq!(send(&app, "GET", "/show", &cookie).await.body, r#"["info: later"] []"#);
}

#[actix_web::test]
async fn tabs_neither_lose_nor_repeat_a_message() {
    let app = site!(Sessions::new(Memory::new()));
    let cookie = send(&app, "POST", "/add/zero", "").await.id();
    tokio::join!(send(&app, "POST", "/add/one", &cookie), send(&app, "POST", "/add/two", &cookie));
    let (a, b, c) = tokio::join!(
        send(&app, "GET", "/show", &cookie),
        send(&app, "GET", "/show", &cookie),
        send(&app, "GET", "/show", &cookie)
    );
    let shown = [a.body, b.body, c.body].concat();
    for text in ["zero", "one", "two"] {
        assert_eq!(shown.matches(&format!("success: {text}")).count(), 1, "{shown}");
    }
}

#[actix_web::test]
async fn minimum_level_is_the_applications() {
    let app = test::init_service(
        App::new()
            .app_data(Level::Error)
            .wrap(Sessions::new(Memory::new()))
            .route("/add/{text}", web::post().to(add))
            .route("/show", web::get().to(show)),
    )
    .await;
    let cookie = send(&app, "POST", "/add/one", "").await.id();
    assert_eq!(send(&app, "GET", "/show", &cookie).await.body, r#"["form title error: one"] []"#);
}

#[actix_web::test]
async fn many_messages_are_kept() {
    let app = site!(Sessions::new(Memory::new()));
    let long = "x".repeat(1500);
    let cookie = send(&app, "POST", &format!("/add/{long}"), "").await.id();
    send(&app, "POST", &format!("/add/{long}"), &cookie).await;
    assert_eq!(send(&app, "GET", "/show", &cookie).await.body.matches(&long).count(), 4);
}
