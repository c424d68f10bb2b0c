//! Forged requests.

use actix_web::http::header::COOKIE;
use actix_web::test::TestRequest;
use actix_web::{App, Error, HttpResponse, Result, test, web};
use actix_web_sessions::csrf::{Csrf, CsrfToken, HEADER};
use actix_web_sessions::stores::Memory;
use actix_web_sessions::{Session, Sessions};

use super::send;

#[derive(serde::Deserialize)]
struct Form {
    name: String,
}

async fn save(form: web::Form<Form>) -> String {
    form.into_inner().name
}

async fn page(token: CsrfToken) -> String {
    token.to_string()
}

async fn login(session: Session) -> Result<HttpResponse> {
    session.login("ada")?;
    Ok(HttpResponse::Ok().finish())
}

macro_rules! site {
    ($csrf:expr) => {
        test::init_service(
            App::new()
                .wrap($csrf)
                .wrap(Sessions::new(Memory::new()))
                .route("/", web::post().to(save))
                .route("/", web::get().to(page))
                .route("/login", web::get().to(login)),
        )
        .await
    };
}

fn form(headers: &[(&str, &str)], fields: &str) -> actix_http::Request {
    let mut request = TestRequest::post().uri("/").insert_header(("host", "films.example"));
    request = request.insert_header(("content-type", "application/x-www-form-urlencoded"));
    for header in headers {
        request = request.insert_header(*header);
    }
    request.set_payload(fields.to_owned()).to_request()
}

#[actix_web::test]
async fn forms_of_other_origins_are_refused() {
    let csrf = Csrf::by_origin().trusted_origins(["https://admin.example"]);
    let app = site!(csrf);
    for (headers, status) in [
        (&[][..], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "none")], 200),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://admin.example")], 200),
        (&[("origin", "http://films.example")], 200),
        (&[("origin", "http://films.example:80")], 200),
        (&[("origin", "https://films.example")], 403),
        (&[("origin", "http://films.example:8080")], 403),
        (&[("origin", "http://films.example.evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "http://evil.example"), ("referer", "http://films.example/")], 403),
        (&[("referer", "http://films.example/page?a=http://evil.example")], 200),
        (&[("referer", "http://evil.example/http://films.example/")], 403),
        (&[("referer", "https://admin.example/page")], 200),
    ] {
        let response = test::call_service(&app, form(headers, "name=a")).await;
        assert_eq!(response.status(), status, "{headers:?}");
    }
    let read = TestRequest::get().uri("/").insert_header(("origin", "http://evil.example"));
    assert_eq!(test::call_service(&app, read.to_request()).await.status(), 200);
}

#[actix_web::test]
async fn token_is_accepted_in_form_or_header_until_the_login() -> Result<(), Error> {
    let app = site!(Csrf::by_token());
    let page = send(&app, "GET", "/", "").await;
    let cookie = page.id();
    let other = send(&app, "GET", "/", &cookie).await.body;
    assert_ne!(page.body, other, "every page has another text");
    let post = async |cookie: &str, headers: &[(&str, &str)], fields: &str| {
        let headers = [&[(COOKIE.as_str(), cookie)], headers].concat();
        let response = test::call_service(&app, form(&headers, fields)).await;
        (response.status().as_u16(), test::read_body(response).await)
    };
    for token in [&page.body, &other] {
        let fields = format!("csrf_token={token}&name=a%26b");
        let (status, body) = post(&cookie, &[], &fields).await;
        assert_eq!((status, &*body), (200, &b"a&b"[..]), "the handler reads the form, too");
        assert_eq!(post(&cookie, &[(HEADER, token)], "name=a").await.0, 200);
    }
    let stranger = send(&app, "GET", "/", "").await;
    for token in ["", "x", &stranger.body, &page.body[1..]] {
        assert_eq!(post(&cookie, &[(HEADER, token)], "name=a").await.0, 403, "{token}");
        assert_eq!(post(&cookie, &[], &format!("csrf_token={token}")).await.0, 403, "{token}");
    }
    assert_eq!(post("", &[(HEADER, &page.body)], "name=a").await.0, 403, "no session");
    let cookie = send(&app, "GET", "/login", &cookie).await.id();
    assert_eq!(
        post(&cookie, &[(HEADER, &page.body)], "name=a").await.0,
        403,
        "of before the login"
    );
    let page = send(&app, "GET", "/", &cookie).await;
    assert_eq!(post(&cookie, &[(HEADER, &page.body)], "name=a").await.0, 200);
    Ok(())
}
