use crate::support::{Response, TestApp};

/// Films noirs by one director, and comedies by another.
async fn catalogue() -> TestApp {
    let film = |n: u16| {
        let (by, tag) =
            if n <= 20 { ("Billy Wilder", "film noir") } else { ("Ann Other", "comedy") };
        format!(
            "{{\"title\":\"Film {n}\",\"year\":{},\"directors\":[\"{by}\"],\"tags\":[\"{tag}\"]}}\n",
            1900 + n
        )
    };
    TestApp::with_films(&(1..=40).map(film).collect::<String>()).await
}

fn recommended(page: &Response) -> Vec<String> {
    page.attributes("[id^=recommended-] [data-movie]", "data-movie")
}

#[actix_web::test]
async fn viewed_films_lead_to_recommendations_with_reasons() {
    let app = catalogue().await;
    assert_eq!(recommended(&app.get("/").await), [""; 0]);
    for film in ["film-1-1901", "film-2-1902", "film-3-1903"] {
        app.get(&format!("/movies/{film}")).await;
    }
    let page = app.get("/").await;
    let films = recommended(&page);
    assert_eq!(films.len(), 12);
    let noir = |slug: &String| {
        let number: u16 = slug.split('-').nth(1).unwrap().parse().unwrap();
        (4..=20).contains(&number)
    };
    assert!(films.iter().all(noir), "{films:?}");
    for reason in page.texts("[id^=recommended-] .card__reason") {
        let true_ones = ["1", "2", "3"].map(|n| format!("Film {n}"));
        let (like, shared) = reason.split_once(": ").unwrap();
        assert_eq!(shared, "same director; Film noir", "{reason}");
        assert!(true_ones.contains(&like.replace("Like ", "")), "{reason}");
    }
    assert_eq!(recommended(&app.get("/").await), films, "the same again");
    assert_eq!(recommended(&app.restarted().await.get("/").await), films, "and by another process");
    assert_eq!(recommended(&app.other_visitor().get("/").await), [""; 0]);
}

#[actix_web::test]
async fn known_films_are_not_recommended() {
    let app = catalogue().await;
    app.get("/movies/film-1-1901").await;
    let films = recommended(&app.get("/").await);
    app.get(&format!("/movies/{}", films[0])).await;
    app.post(&format!("/movies/{}/watchlist", films[1]), &[]).await;
    app.post(&format!("/movies/{}/seen", films[2]), &[]).await;
    app.post(&format!("/movies/{}/rating", films[3]), &[("stars", "1")]).await;
    let now = recommended(&app.get("/").await);
    assert_eq!(now.len(), 12);
    for known in &films[..4] {
        assert!(!now.contains(known), "{known}");
    }
}

/// More of each kind than recommendations start from.
#[actix_web::test]
async fn marked_films_are_never_recommended() {
    for (mark, stars) in
        [("watchlist", ""), ("seen", ""), ("rating", "5"), ("rating", "1"), ("", "")]
    {
        let app = catalogue().await;
        let marked: Vec<String> = (1..=17).map(|n| format!("film-{n}-{}", 1900 + n)).collect();
        for film in &marked {
            match mark {
                "" => app.get(&format!("/movies/{film}")).await,
                mark => app.post(&format!("/movies/{film}/{mark}"), &[("stars", stars)]).await,
            };
        }
        let films = recommended(&app.get("/").await);
        let noir: Vec<String> = (18..=20).map(|n| format!("film-{n}-{}", 1900 + n)).collect();
        let liked = stars != "1";
        assert_eq!(noir.iter().all(|film| films.contains(film)), liked, "{mark}: {films:?}");
        assert!(!marked.iter().any(|film| films.contains(film)), "{mark}: {films:?}");
    }
}

#[actix_web::test]
async fn front_page_shows_and_clears_history() {
    let app = catalogue().await;
    for film in ["film-1-1901", "film-2-1902"] {
        app.get(&format!("/movies/{film}")).await;
    }
    let page = app.get("/").await;
    assert_eq!(page.texts(".viewed__films a"), ["Film 2", "Film 1"]);
    let action = page.attributes(".viewed", "action").remove(0);
    let film = page.attributes("[name=film]", "value").remove(0);
    app.post(&action, &[("film", &film)]).await;
    assert_eq!(app.get("/").await.texts(".viewed__films a"), ["Film 1"]);
    app.post(&action, &[]).await;
    assert_eq!(app.get("/").await.texts(".viewed__films a"), [""; 0]);
}
