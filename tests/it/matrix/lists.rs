//! Preferences on every list and page.

use reqwest::Method;

use super::routes::{Kind, ROUTES};
use super::{MOVIE_LISTS, films, items, mark_every_film, paged_lists, with};
use crate::support::TestApp;

#[actix_web::test]
async fn lists_use_the_preferred_page_size_unless_the_url_sets_one() {
    let app = TestApp::with_films(&films(50)).await;
    mark_every_film(&app).await;
    for size in [6_usize, 12, 48] {
        app.post("/preferences", &[("per_page", &size.to_string())]).await;
        for list in paged_lists() {
            let page = app.get(list).await;
            assert_eq!(items(&page).len(), size, "{list}");
            let said = page.attributes("[data-page-size]", "data-page-size");
            assert_eq!(said, [size.to_string()], "{list}");
            assert_eq!(page.attributes("[data-total]", "data-total"), ["50"], "{list}");
            let other = app.get(&with(list, "per=24")).await;
            assert_eq!(items(&other).len(), 24, "{list}");
            assert_eq!(items(&other)[..size.min(24)], items(&page)[..size.min(24)], "{list}");
        }
    }
}

#[actix_web::test]
async fn lists_use_the_preferred_order_unless_the_url_sets_one() {
    let app = TestApp::with_films(&films(50)).await;
    let of = |order: &str, list: &str| with(list, &format!("sort={order}"));
    for order in ["newest", "oldest", "title", "shortest", "longest"] {
        app.post("/preferences", &[("sort", order)]).await;
        // Found by words, films are in order of likeness.
        for list in MOVIE_LISTS.into_iter().filter(|list| !list.contains("q=")) {
            let stranger = app.other_visitor();
            let preferred = items(&app.get(list).await);
            assert_eq!(preferred, items(&stranger.get(&of(order, list)).await), "{list} {order}");
            let other = if order == "title" { "oldest" } else { "title" };
            let chosen = items(&app.get(&of(other, list)).await);
            assert_eq!(chosen, items(&stranger.get(&of(other, list)).await), "{list} {other}");
            assert_ne!(chosen, preferred, "{list}");
        }
    }
}

#[actix_web::test]
async fn lists_use_the_preferred_view_unless_the_url_sets_one() {
    let app = TestApp::with_films(&films(30)).await;
    app.post("/preferences", &[("view", "table")]).await;
    for list in MOVIE_LISTS {
        let table = app.get(list).await;
        assert_eq!(table.texts("section tbody tr[data-movie]").len(), 24, "{list}");
        assert_eq!(table.texts(".card").len(), 0, "{list}");
        let posters = app.get(&with(list, "view=posters")).await;
        assert_eq!(posters.texts(".card[data-movie]").len(), 24, "{list}");
        assert_eq!(app.other_visitor().get(list).await.texts("tbody tr").len(), 0, "{list}");
    }
}

/// From a film back to the page of the list that it is on.
#[actix_web::test]
async fn film_links_to_its_page_of_the_preferred_list() {
    let app = TestApp::with_films(&films(50)).await;
    for (size, order) in [("6", "oldest"), ("12", "title"), ("24", "longest")] {
        app.post("/preferences", &[("per_page", size), ("sort", order)]).await;
        for film in ["film-20-1950", "film-49-1959"] {
            for list in ["/movies", "/movies?tag=drama"] {
                let (_, query) = list.split_once('?').unwrap_or((list, ""));
                let page = app.get(&format!("/movies/{film}?{query}")).await;
                let back = page.attributes("a[href]", "href");
                let of_the_list = |href: &&String| {
                    href.starts_with("/movies?page=")
                        || href.starts_with("/movies/tags/drama?page=")
                };
                let Some(back) = back.iter().find(of_the_list) else {
                    assert!(items(&app.get(list).await).iter().any(|one| one == film), "{film}");
                    continue;
                };
                let on_it = items(&app.get(back).await);
                assert!(on_it.iter().any(|one| one == film), "{film} {size} {order}: {back}");
            }
        }
    }
}

#[actix_web::test]
async fn pages_use_the_preferred_theme_and_fading() {
    let app = TestApp::with_films(&films(3)).await;
    app.post("/preferences", &[("theme", "dark"), ("seen_films", "fade")]).await;
    let pages = ROUTES.iter().filter(|route| route.kind == Kind::Page).map(|route| route.address);
    let errors =
        [(Method::GET, "/nope"), (Method::DELETE, "/movies"), (Method::GET, "/movies?page=9")];
    let requests = pages.map(|page| (Method::GET, page)).chain(errors);
    for (method, address) in requests {
        for encoding in ["identity", "gzip"] {
            let request = app.request(method.clone(), address);
            let response = request.header("accept-encoding", encoding).send().await.unwrap();
            let packed = response.headers().contains_key("content-encoding");
            let body = response.bytes().await.unwrap();
            let mut html = String::new();
            let read = match packed {
                true => std::io::Read::read_to_string(
                    &mut flate2::read::GzDecoder::new(&*body),
                    &mut html,
                ),
                false => std::io::Read::read_to_string(&mut &*body, &mut html),
            };
            read.unwrap();
            assert!(
                html.contains("data-theme=\"dark\" data-seen=\"fade\""),
                "{address} {encoding}"
            );
        }
        let stranger = app.other_visitor();
        let page = stranger.send(stranger.request(method, address)).await;
        assert_eq!(page.attributes("html", "data-theme"), ["system"], "{address}");
    }
}
