//! What the index in memory says of any filter is what plain SQL says.

use std::fmt::Write as _;

use diesel::sql_types::{Array, BigInt, Integer};
use diesel_async::RunQueryDsl;
use marquee::catalog::index::{Dimension, Filter, Index, Length, Value};
use marquee::catalog::movies::Sort;
use marquee::db::Connection;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::support::{TestApp, connect};

const FILMS: u32 = 150;
const FILTERS: u32 = 200;

/// Films with facts thrown together, some of them missing.
fn films(random: &mut StdRng) -> String {
    let mut lines = String::new();
    for film in 0..FILMS {
        let mut some = |most: usize, of: u32, name: &str| {
            let count = random.random_range(0..=most);
            let names = (0..count).map(|_| format!("\"{name} {}\"", random.random_range(1..=of)));
            names.collect::<Vec<_>>().join(",")
        };
        let (tags, directors) = (some(4, 9, "Tag"), some(2, 12, "Ann"));
        let (countries, languages) = (some(2, 5, "Country"), some(2, 3, "x"));
        _ = write!(
            lines,
            "{{\"title\":\"Film {}\",\"tags\":[{tags}],\"directors\":[{directors}],\
             \"country\":[{countries}],\"language\":[{}]",
            film % 40,
            languages.replace("x 1", "fr").replace("x 2", "ja").replace("x 3", "sw"),
        );
        if random.random_bool(0.9) {
            _ = write!(lines, ",\"year\":{}", random.random_range(1925..1965));
        }
        if random.random_bool(0.7) {
            _ = write!(lines, ",\"runtime\":{}", random.random_range(20..180));
        }
        lines.push_str("}\n");
    }
    lines
}

/// Every value of every dimension, as a change of a filter.
async fn values(conn: &mut Connection) -> Vec<Filter> {
    let tags: Vec<i32> = numbers(conn, "SELECT array_agg(id) AS numbers FROM tags").await;
    let people: Vec<i32> = numbers(conn, "SELECT array_agg(id) AS numbers FROM directors").await;
    let of = Filter::default;
    let mut values = Vec::new();
    values.extend(tags.iter().map(|tag| Filter { tags: vec![*tag], ..of() }));
    values.extend(people.iter().map(|person| Filter { director: Some(*person), ..of() }));
    values.extend((1920..=1960).step_by(10).map(|first| Filter { decade: Some(first), ..of() }));
    values.extend(Length::ALL.map(|length| Filter { length: Some(length), ..of() }));
    let country = |n| Filter { country: Some(format!("country-{n}")), ..of() };
    values.extend((1..=5).map(country));
    values.extend(["fr", "ja", "sw"].map(|code| Filter { language: Some(code.into()), ..of() }));
    values
}

/// `filter` with `value` chosen, too: a tag beside the others, of the rest in place of one.
fn with(filter: &Filter, value: &Filter) -> Filter {
    Filter {
        tags: filter.tags.iter().chain(&value.tags).copied().collect(),
        decade: value.decade.or(filter.decade),
        director: value.director.or(filter.director),
        country: value.country.clone().or_else(|| filter.country.clone()),
        language: value.language.clone().or_else(|| filter.language.clone()),
        length: value.length.or(filter.length),
        ..filter.clone()
    }
}

fn a_filter(random: &mut StdRng, values: &[Filter], ids: &[i32]) -> Filter {
    let mut filter = Filter::default();
    for _ in 0..random.random_range(0..4) {
        filter = with(&filter, values.choose(random).unwrap());
    }
    if random.random_bool(0.3) {
        filter.without_tags = values.choose(random).unwrap().tags.clone();
    }
    if random.random_bool(0.3) {
        filter.hidden = ids.choose_multiple(random, 20).copied().collect();
    }
    filter
}

fn condition(filter: &Filter) -> String {
    let tagged = |tag: &i32| {
        format!("EXISTS (SELECT FROM movie_tags WHERE movie_id = movies.id AND tag_id = {tag})")
    };
    let mut all: Vec<String> = filter.tags.iter().map(tagged).collect();
    all.extend(filter.without_tags.iter().map(|tag| format!("NOT {}", tagged(tag))));
    all.extend(filter.hidden.iter().map(|id| format!("id <> {id}")));
    all.extend(filter.decade.map(|first| format!("year BETWEEN {first} AND {}", first + 9)));
    all.extend(filter.director.map(|id| {
        format!(
            "EXISTS (SELECT FROM movie_directors WHERE movie_id = movies.id AND director_id = {id})"
        )
    }));
    all.extend(
        filter
            .country
            .as_ref()
            .map(|slug| format!("'{}' = ANY (countries)", slug.replace("country-", "Country "))),
    );
    all.extend(filter.language.as_ref().map(|code| format!("'{code}' = ANY (languages)")));
    all.extend(filter.length.map(|length| match length {
        Length::Short => "runtime < 40".to_owned(),
        Length::UnderNinety => "runtime BETWEEN 40 AND 89".to_owned(),
        Length::UnderTwoHours => "runtime BETWEEN 90 AND 119".to_owned(),
        Length::TwoHours => "runtime BETWEEN 120 AND 149".to_owned(),
        Length::Long => "runtime >= 150".to_owned(),
    }));
    all.push("true".to_owned());
    all.join(" AND ")
}

#[derive(diesel::QueryableByName)]
struct Counts {
    #[diesel(sql_type = Array<BigInt>)]
    numbers: Vec<i64>,
}

#[derive(diesel::QueryableByName)]
struct Ids {
    #[diesel(sql_type = Array<Integer>)]
    numbers: Vec<i32>,
}

async fn numbers(conn: &mut Connection, query: &str) -> Vec<i32> {
    diesel::sql_query(query).get_result::<Ids>(conn).await.unwrap().numbers
}

/// What the database counts for each of these.
async fn counted(conn: &mut Connection, filters: impl Iterator<Item = Filter>) -> Vec<i64> {
    let count = |filter| format!("(SELECT count(*) FROM movies WHERE {})", condition(&filter));
    let query =
        format!("SELECT ARRAY[{}] AS numbers", filters.map(count).collect::<Vec<_>>().join(","));
    diesel::sql_query(query).get_result::<Counts>(conn).await.unwrap().numbers
}

/// What the index says choosing each value would leave; 0 when it does not offer it.
fn offered(index: &Index, filter: &Filter, values: &[Filter]) -> Vec<i64> {
    let everything = 0..usize::MAX;
    let facets = Dimension::ALL.map(|one| index.facet(filter, one, everything.clone()));
    for facet in &facets {
        assert_eq!(facet.values.len(), facet.distinct);
        assert!(facet.values.iter().is_sorted_by_key(|(_, films)| -films));
    }
    let offered: Vec<_> = facets.iter().flat_map(|facet| &facet.values).collect();
    let films = |wanted: &Filter| {
        let is = |value: &Value<'_>| match value {
            Value::Tag(tag) => wanted.tags == [tag.id],
            Value::Decade(first) => wanted.decade == Some(*first),
            Value::Director(id) => wanted.director == Some(*id),
            Value::Country(country) => wanted.country.as_deref() == Some(&country.slug),
            Value::Language(code) => wanted.language.as_deref() == Some(code),
            Value::Length(length) => wanted.length == Some(*length),
        };
        offered.iter().find(|(value, _)| is(value)).map_or(0, |(_, films)| *films)
    };
    values.iter().map(films).collect()
}

#[actix_web::test]
async fn every_value_offers_the_films_that_the_list_would_then_hold() {
    let random = &mut StdRng::seed_from_u64(1895);
    let app = TestApp::with_films(&films(random)).await;
    let conn = &mut connect(&app.database).await;
    let values = values(conn).await;
    let ids = numbers(conn, "SELECT array_agg(id ORDER BY id) AS numbers FROM movies").await;
    let index = app.catalog.current();
    let mut films = 0;
    for _ in 0..FILTERS {
        let filter = a_filter(random, &values, &ids);
        let chosen = values.iter().map(|value| with(&filter, value));
        let mut expected = counted(conn, std::iter::once(filter.clone()).chain(chosen)).await;
        let total = expected.remove(0);
        // A tag that is chosen already is not offered again.
        for (films, value) in expected.iter_mut().zip(&values) {
            if value.tags.iter().any(|tag| filter.tags.contains(tag)) {
                *films = 0;
            }
        }

        assert_eq!(index.select(&filter).total(), total, "{filter:?}");
        assert_eq!(offered(&index, &filter, &values), expected, "{filter:?}");
        films += total;
    }
    assert!(films > i64::from(FILTERS), "nearly every filter was empty");
}

#[actix_web::test]
async fn every_order_is_the_databases_on_any_page() {
    let random = &mut StdRng::seed_from_u64(1927);
    let app = TestApp::with_films(&films(random)).await;
    let conn = &mut connect(&app.database).await;
    let values = values(conn).await;
    let ids = numbers(conn, "SELECT array_agg(id ORDER BY id) AS numbers FROM movies").await;
    let index = app.catalog.current();
    let orders = [
        (Sort::Newest, "year DESC NULLS LAST, sort_title, id"),
        (Sort::Oldest, "year ASC NULLS LAST, sort_title, id"),
        (Sort::Title, "sort_title, id"),
        (Sort::Shortest, "runtime ASC NULLS LAST, sort_title, id"),
        (Sort::Longest, "runtime DESC NULLS LAST, sort_title, id"),
    ];
    for _ in 0..FILTERS {
        let filter = a_filter(random, &values, &ids);
        let (sort, order) = *orders.choose(random).unwrap();
        let (from, per_page) = (random.random_range(0..60), random.random_range(1..60));
        let query = format!(
            "SELECT ARRAY(SELECT id FROM movies WHERE {} ORDER BY {order} \
             OFFSET {from} LIMIT {per_page}) AS numbers",
            condition(&filter)
        );

        let page = index.select(&filter).page(sort, from..from + per_page);

        assert_eq!(page, numbers(conn, &query).await, "{order} {filter:?}");
    }
}

#[actix_web::test]
async fn a_random_film_is_one_of_the_filter_and_any_of_it() {
    let app = TestApp::with_films(&films(&mut StdRng::seed_from_u64(1939))).await;
    let conn = &mut connect(&app.database).await;
    let index = app.catalog.current();
    let filter = Filter { length: Some(Length::Short), ..Filter::default() };
    let query = "SELECT array_agg(id ORDER BY id) AS numbers FROM movies WHERE runtime < 40";
    let short = numbers(conn, query).await;

    let random = &mut StdRng::seed_from_u64(2001);
    let mut met: Vec<i32> =
        (0..1000).map(|_| index.select(&filter).random(random).unwrap()).collect();
    met.sort_unstable();
    met.dedup();

    assert_eq!(met, short);
    let none = Filter { decade: Some(2190), ..Filter::default() };
    assert_eq!(index.select(&none).random(random), None);
}
