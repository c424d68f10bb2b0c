//! The pages of every list: together they hold everything once.

use super::{MOVIE_LISTS, films, items, mark_every_film, paged_lists, with};
use crate::support::{Response, TestApp};

fn next(page: &Response) -> Option<String> {
    page.attributes("a[rel=next]", "href").pop()
}

#[actix_web::test]
async fn pages_of_a_list_hold_each_item_once() {
    for total in [1_u16, 23, 24, 25, 48, 70] {
        let app = TestApp::with_films(&films(total)).await;
        mark_every_film(&app).await;
        let pages = total.div_ceil(24);
        for list in paged_lists() {
            let what = format!("{list} of {total}");
            let mut page = app.get(list).await;
            let mut found = items(&page);
            for number in 2..=pages {
                let href = next(&page).unwrap_or_else(|| panic!("{what}: page {number}"));
                page = app.get(&href).await;
                assert_eq!(page.status, 200, "{what}: {href}");
                assert!(!items(&page).is_empty(), "{what}: {href}");
                found.extend(items(&page));
            }
            assert_eq!(next(&page), None, "{what}");
            if pages > 1 {
                let previous = page.attributes("a[rel=prev]", "href").remove(0);
                let before = items(&app.get(&previous).await);
                assert_eq!(before, found[found.len() - items(&page).len() - 24..][..24], "{what}");
            }
            assert_eq!(
                page.attributes("[data-total]", "data-total"),
                [total.to_string()],
                "{what}"
            );
            found.sort();
            found.dedup();
            assert_eq!(found.len(), usize::from(total), "{what}");

            let beyond = app.get(&with(list, &format!("page={}", pages + 1))).await;
            assert_eq!(beyond.status, 404, "{what}");
            assert_eq!(beyond.texts("h1"), [format!("There is no page {}", pages + 1)], "{what}");
            let last = beyond.attributes("main .button", "href").remove(0);
            assert_eq!(items(&app.get(&last).await), items(&page), "{what}: {last}");
        }
    }
}

#[actix_web::test]
async fn empty_list_is_one_page() {
    let app = TestApp::spawn().await;
    for list in ["/movies", "/search?q=film", "/watchlist", "/seen", "/directors"] {
        let page = app.get(list).await;
        assert_eq!((page.status, items(&page).len(), next(&page)), (200, 0, None), "{list}");
        assert_eq!(app.get(&with(list, "page=2")).await.status, 404, "{list}");
    }
}

/// The list in a table is whole, for printing.
#[actix_web::test]
async fn visitor_list_table_is_complete() {
    let app = TestApp::with_films(&films(60)).await;
    mark_every_film(&app).await;
    for list in ["/watchlist?view=table", "/seen?view=table"] {
        let page = app.get(list).await;
        assert_eq!((items(&page).len(), next(&page)), (60, None), "{list}");
    }
}

#[actix_web::test]
async fn page_shows_its_range_of_the_list() {
    let app = TestApp::with_films(&films(48)).await;
    for list in MOVIE_LISTS {
        for number in [1, 2] {
            let page = app.get(&with(list, &format!("page={number}"))).await;
            assert_eq!(page.texts(".pager__here"), [format!("Page {number} of 2")], "{list}");
        }
    }
}

#[actix_web::test]
async fn links_carry_only_known_parameters_with_valid_values() {
    let app = TestApp::with_films(&films(30)).await;
    app.post("/movies/film-1-1951/seen", &[]).await;
    app.post("/movies/film-2-1952/watchlist", &[]).await;
    let junk = "'".repeat(400);
    let pages = ["/movies/by/director", "/movies/film-1-1951", "/directors/ann-other"];
    for path in paged_lists().chain(pages) {
        let plain = app.get(path).await;
        let noise = ["utm_source", "per", "sort", "view", "seen", "page", "tag", "letter"];
        let noise = noise.map(|name| format!("{name}={junk}"));
        let page = app.get(&with(path, &noise.join("&"))).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.attributes("a", "href"), plain.attributes("a", "href"), "{path}");
        assert!(!page.html.contains("%27%27") && !page.html.contains("utm_source"), "{path}");
    }
}
