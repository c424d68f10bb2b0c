use std::collections::BTreeSet;

use marquee::catalog::index::{Index, Related, SharedFact};

use crate::support::{TestApp, number};

const FILMS: &str = r#"
{"title":"Double Indemnity","year":1944,"directors":["Billy Wilder"],"country":["United States"],"language":["en"],"tags":["film noir","crime"]}
{"title":"Sunset Boulevard","year":1950,"directors":["Billy Wilder"],"country":["United States"],"language":["en"],"tags":["film noir","drama"]}
{"title":"The Big Sleep","year":1946,"directors":["Howard Hawks"],"country":["United States"],"language":["en"],"tags":["film noir","crime"]}
{"title":"Pickpocket","year":1959,"directors":["Robert Bresson"],"country":["France"],"language":["fr"],"tags":["crime","drama"]}
{"title":"Casablanca","year":1942,"directors":["Michael Curtiz"],"country":["United States"],"language":["en"],"tags":["romance"]}
{"title":"Ran","year":1985,"directors":["Akira Kurosawa"],"country":["Japan"],"language":["ja"],"tags":["samurai"]}
"#;

async fn id(app: &TestApp, slug: &str) -> i32 {
    let query = format!("SELECT id::bigint AS number FROM movies WHERE slug = '{slug}'");
    number(&app.database, &query).await.try_into().unwrap()
}

fn names(shared: &[SharedFact<'_>]) -> Vec<String> {
    let name = |shared: &SharedFact<'_>| match shared {
        SharedFact::Person(..) => "director".to_owned(),
        SharedFact::Value(_, value) => value.label.clone(),
    };
    shared.iter().map(name).collect()
}

#[actix_web::test]
async fn related_films_are_ranked_by_shared_facts() {
    let app = TestApp::with_films(FILMS).await;
    let index = app.catalog.current();
    let seed = id(&app, "double-indemnity-1944").await;

    let related = index.related(&[seed], &[], 6);

    let ids: Vec<i32> = related.iter().map(|one| one.id).collect();
    let mut wanted = Vec::new();
    for slug in
        ["the-big-sleep-1946", "sunset-boulevard-1950", "pickpocket-1959", "casablanca-1942"]
    {
        wanted.push(id(&app, slug).await);
    }
    assert_eq!(ids, wanted);
    let shared: Vec<_> = related.iter().map(|one| names(&one.shared)).collect();
    assert_eq!(shared[0], ["Crime", "Film noir", "1940s", "United States", "English"]);
    assert_eq!(shared[1], ["director", "Film noir", "United States", "English"]);
    assert_eq!(shared[2], ["Crime"]);
    assert_eq!(shared[3], ["1940s", "United States", "English"]);
}

#[actix_web::test]
async fn recommendations_alternate_between_seeds() {
    let app = TestApp::with_films(FILMS).await;
    let index = app.catalog.current();
    let (noir, crime) =
        (id(&app, "double-indemnity-1944").await, id(&app, "pickpocket-1959").await);
    let seen = id(&app, "sunset-boulevard-1950").await;

    let related = index.related(&[noir, crime], &[seen, -1], 6);

    let pairs: Vec<(i32, i32)> = related.iter().map(|one| (one.id, one.seed)).collect();
    let big_sleep = id(&app, "the-big-sleep-1946").await;
    let casablanca = id(&app, "casablanca-1942").await;
    assert_eq!(pairs, [(big_sleep, noir), (casablanca, noir)]);
    assert!(index.related(&[], &[], 6).is_empty());
    assert!(index.related(&[-1], &[], 6).is_empty());
    assert!(index.related(&[noir], &[], 0).is_empty());
}

fn assert_sound(index: &Index, seed: i32, related: &[Related<'_>]) {
    let ids: BTreeSet<i32> = related.iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), related.len(), "a film stands twice beside {seed}");
    assert!(!ids.contains(&seed));
    assert!(related.iter().all(|one| one.seed == seed && !one.shared.is_empty()));
    let again: Vec<i32> = index.related(&[seed], &[], 12).iter().map(|one| one.id).collect();
    assert_eq!(again, related.iter().map(|one| one.id).collect::<Vec<_>>());
}

#[actix_web::test]
async fn demo_films_have_related_films() {
    let app = TestApp::with_demo().await;
    let index = app.catalog.current();
    let films = app.count("movies").await;
    for seed in 1..=i32::try_from(films).unwrap() {
        let related = index.related(&[seed], &[], 12);
        assert_eq!(related.len(), 12, "{seed}");
        assert_sound(&index, seed, &related);
    }
}

#[actix_web::test]
async fn best_related_films_are_found_among_thousands() {
    let line = |n: u32| {
        let more = if n.is_multiple_of(1000) { ",\"railway\"" } else { "" };
        format!(
            "{{\"title\":\"Film {n}\",\"year\":1950,\"country\":[\"France\"],\"tags\":[\"drama\"{more}]}}\n"
        )
    };
    let app = TestApp::with_films(&(1..=5000).map(line).collect::<String>()).await;
    let seed = id(&app, "film-2000-1950").await;

    let index = app.catalog.current();
    let related = index.related(&[seed], &[], 6);

    let railways = related.iter().filter(|one| names(&one.shared)[0] == "Railway").count();
    assert_eq!((railways, related.len()), (4, 6));
}
