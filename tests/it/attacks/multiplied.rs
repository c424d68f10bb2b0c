//! Input that comes back many times in a page.

use crate::matrix::routes::{Kind, ROUTES};
use crate::support::TestApp;

/// Long, and three times as long when it is percent-encoded.
const LENGTH: usize = 15_000;

#[actix_web::test]
async fn parameters_are_not_multiplied_into_pages() {
    let app = TestApp::with_films(&crate::matrix::films(60)).await;
    let names = [
        "sort",
        "per",
        "view",
        "seen",
        "page",
        "letter",
        "q",
        "tag",
        "decade",
        "director",
        "country",
        "language",
        "runtime",
        "saved",
        "erased",
        "utm_source",
        "x",
        "%27",
    ];
    for route in ROUTES.iter().filter(|route| route.kind == Kind::Page) {
        let plain = app.get(route.address).await.html.len();
        let separator = if route.address.contains('?') { '&' } else { '?' };
        for name in names {
            for value in ["'".repeat(LENGTH), "a".repeat(LENGTH)] {
                let page = app.get(&format!("{}{separator}{name}={value}", route.address)).await;
                let what = format!("{} {name}", route.address);
                assert!(page.status < 500, "{what}: {}", page.status);
                assert!(
                    page.html.len() < plain + LENGTH / 2,
                    "{what}: {} bytes, of {plain} without",
                    page.html.len()
                );
            }
        }
        let many: String = (0..1500).map(|n| format!("&tag=t{n}&x{n}='")).collect();
        let page = app.get(&format!("{}{separator}{}", route.address, &many[1..])).await;
        assert!(page.status < 500 && page.html.len() < plain + LENGTH / 2, "{}", route.address);
    }
}
