//! Lists, facets and sort orders of the index agree with SQL for random filters.

use std::fmt::Write as _;

use diesel::sql_types::{Array, BigInt, Integer};
use diesel_async::RunQueryDsl;
use marquee::catalog::dimension::{DimensionId, NumberRange, ValueRef};
use marquee::catalog::index::{Filter, Index};
use marquee::catalog::sort::Sort;
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

/// A value of a dimension, with the SQL condition that a movie has it.
#[derive(Debug, Clone)]
struct Known {
    dimension: DimensionId,
    value: ValueRef,
    sql: String,
}

/// Every value of every dimension.
async fn values(conn: &mut Connection, index: &Index) -> Vec<Known> {
    let mut values = Vec::new();
    let mut add = |dimension, slug: &str, sql: String| {
        let found = index.find(dimension, slug);
        let value = found.map_or(ValueRef::Unknown, |(at, _)| ValueRef::Position(at));
        values.push(Known { dimension, value, sql });
    };
    for n in 1..=9 {
        let sql = format!(
            "EXISTS (SELECT FROM movie_tags JOIN tags ON id = tag_id \
             WHERE movie_id = movies.id AND slug = 'tag-{n}')"
        );
        add(DimensionId::Tag, &format!("tag-{n}"), sql);
    }
    for first in (1920..=1960).step_by(10) {
        let sql = format!("year BETWEEN {first} AND {}", first + 9);
        add(DimensionId::Decade, &format!("{first}s"), sql);
    }
    for n in 1..=5 {
        let sql = format!("'Country {n}' = ANY (countries)");
        add(DimensionId::Country, &format!("country-{n}"), sql);
    }
    for code in ["fr", "ja", "sw"] {
        add(DimensionId::Language, code, format!("'{code}' = ANY (languages)"));
    }
    for (slug, sql) in [
        ("under-40", "runtime < 40"),
        ("40-89", "runtime BETWEEN 40 AND 89"),
        ("90-119", "runtime BETWEEN 90 AND 119"),
        ("120-149", "runtime BETWEEN 120 AND 149"),
        ("150-up", "runtime >= 150"),
    ] {
        add(DimensionId::RunningTime, slug, sql.to_owned());
    }
    for id in numbers(conn, "SELECT array_agg(id) AS numbers FROM people").await {
        let dimension = DimensionId::Director;
        let sql = format!(
            "EXISTS (SELECT FROM credits WHERE movie_id = movies.id AND person_id = {id} AND role = 'director')"
        );
        values.push(Known { dimension, value: index.person(dimension, id), sql });
    }
    values
}

/// A range of years and one of running times.
fn ranges(random: &mut StdRng) -> [Known; 2] {
    let (from, minutes) = (random.random_range(1925..1960), random.random_range(20..150));
    let range = |min, max| ValueRef::Range(NumberRange::new(min, max).unwrap());
    let sql = format!("year BETWEEN {from} AND {}", from + 7);
    let year = range(Some(from), Some(from + 7));
    let years = Known { dimension: DimensionId::Year, value: year, sql };
    let (runtime, sql) = (range(None, Some(minutes)), format!("runtime <= {minutes}"));
    [years, Known { dimension: DimensionId::RunningTime, value: runtime, sql }]
}

/// Some criteria, with their SQL.
#[derive(Debug, Clone, Default)]
struct Criteria {
    included: Vec<Known>,
    excluded: Vec<Known>,
    hidden: Vec<i32>,
}

impl Criteria {
    fn random(random: &mut StdRng, values: &[Known], ids: &[i32]) -> Self {
        let ranges = ranges(random);
        let mut some = |most: usize| -> Vec<Known> {
            let count = random.random_range(0..=most);
            let pick = |random: &mut StdRng| match random.random_bool(0.1) {
                true => ranges.choose(random).unwrap().clone(),
                false => values.choose(random).unwrap().clone(),
            };
            (0..count).map(|_| pick(random)).collect()
        };
        let (included, excluded) = (some(3), some(1));
        let hidden = if random.random_bool(0.3) { 20 } else { 0 };
        let hidden = ids.choose_multiple(random, hidden).copied().collect();
        Self { included, excluded, hidden }
    }

    /// With a value that is chosen from a facet: in place of those of its dimension, unless the
    /// dimension is cumulative.
    fn choosing(&self, value: &Known) -> Self {
        let mut chosen = self.clone();
        let stays = |one: &Known| one.dimension != value.dimension || one.dimension.is_cumulative();
        chosen.included.retain(stays);
        chosen.included.push(value.clone());
        chosen
    }

    fn filter(&self) -> Filter {
        let filter = Filter { hidden: self.hidden.clone(), ..Filter::default() };
        let included = self.included.iter();
        let filter = included.fold(filter, |filter, one| filter.and(one.dimension, one.value));
        let excluded = self.excluded.iter();
        excluded.fold(filter, |filter, one| filter.without(one.dimension, one.value))
    }

    fn sql(&self) -> String {
        let mut all = vec!["true".to_owned()];
        all.extend(self.hidden.iter().map(|id| format!("id <> {id}")));
        all.extend(self.excluded.iter().map(|one| format!("({}) IS NOT TRUE", one.sql)));
        for dimension in DimensionId::ALL {
            let same = self.included.iter().filter(|one| one.dimension == dimension);
            let same: Vec<&str> = same.map(|one| one.sql.as_str()).collect();
            let operator = if dimension.is_cumulative() { " AND " } else { " OR " };
            if !same.is_empty() {
                all.push(format!("({})", same.join(operator)));
            }
        }
        all.join(" AND ")
    }
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

/// Counts the movies of each of these in the database.
async fn counted(conn: &mut Connection, criteria: impl Iterator<Item = Criteria>) -> Vec<i64> {
    let count = |one: Criteria| format!("(SELECT count(*) FROM movies WHERE {})", one.sql());
    let counts: Vec<String> = criteria.map(count).collect();
    let query = format!("SELECT ARRAY[{}] AS numbers", counts.join(","));
    diesel::sql_query(query).get_result::<Counts>(conn).await.unwrap().numbers
}

/// Returns the number of movies that the index offers for each value; 0 if it does not offer it.
fn offered(index: &Index, filter: &Filter, values: &[Known]) -> Vec<i64> {
    let facets = DimensionId::ALL.map(|one| index.facet(filter, one, 0..usize::MAX));
    for facet in &facets {
        assert_eq!(facet.values.len(), facet.distinct);
        assert!(facet.values.iter().is_sorted_by_key(|(_, films)| -films));
    }
    let films = |one: &Known| {
        let mut values = facets[one.dimension as usize].values.iter();
        let found = values.find(|(at, _)| one.value == ValueRef::Position(*at));
        found.map_or(0, |(_, films)| *films)
    };
    values.iter().map(films).collect()
}

#[actix_web::test]
async fn facets_count_the_movies_that_each_value_leaves() {
    let random = &mut StdRng::seed_from_u64(1895);
    let app = TestApp::with_films(&films(random)).await;
    let conn = &mut connect(&app.database).await;
    let index = app.catalog.current();
    let values = values(conn, &index).await;
    let ids = numbers(conn, "SELECT array_agg(id ORDER BY id) AS numbers FROM movies").await;
    let mut films = 0;
    for _ in 0..FILTERS {
        let criteria = Criteria::random(random, &values, &ids);
        let choices = values.iter().map(|value| criteria.choosing(value));
        let mut expected = counted(conn, std::iter::once(criteria.clone()).chain(choices)).await;
        let total = expected.remove(0);
        // A chosen tag is not offered again.
        for (films, value) in expected.iter_mut().zip(&values) {
            let is_chosen =
                |one: &Known| one.dimension == value.dimension && one.value == value.value;
            if value.dimension == DimensionId::Tag && criteria.included.iter().any(is_chosen) {
                *films = 0;
            }
        }

        let filter = criteria.filter();
        assert_eq!(index.select(&filter).total(), total, "{criteria:?}");
        assert_eq!(offered(&index, &filter, &values), expected, "{criteria:?}");
        films += total;
    }
    assert!(films > i64::from(FILTERS), "nearly every filter was empty");
}

#[actix_web::test]
async fn sort_orders_agree_with_the_database_on_every_page() {
    let random = &mut StdRng::seed_from_u64(1927);
    let app = TestApp::with_films(&films(random)).await;
    let conn = &mut connect(&app.database).await;
    let index = app.catalog.current();
    let values = values(conn, &index).await;
    let ids = numbers(conn, "SELECT array_agg(id ORDER BY id) AS numbers FROM movies").await;
    let orders = [
        (Sort::Newest, "year DESC NULLS LAST, sort_title, id"),
        (Sort::Oldest, "year ASC NULLS LAST, sort_title, id"),
        (Sort::Title, "sort_title, id"),
        (Sort::Shortest, "runtime ASC NULLS LAST, sort_title, id"),
        (Sort::Longest, "runtime DESC NULLS LAST, sort_title, id"),
    ];
    for _ in 0..FILTERS {
        let criteria = Criteria::random(random, &values, &ids);
        let (sort, order) = *orders.choose(random).unwrap();
        let (from, per_page) = (random.random_range(0..60), random.random_range(1..60));
        let query = format!(
            "SELECT ARRAY(SELECT id FROM movies WHERE {} ORDER BY {order} \
             OFFSET {from} LIMIT {per_page}) AS numbers",
            criteria.sql()
        );

        let page = index.select(&criteria.filter()).page(sort, from..from + per_page);

        assert_eq!(page, numbers(conn, &query).await, "{order} {criteria:?}");
    }
}

#[actix_web::test]
async fn random_film_can_be_any_film_of_the_filter_and_no_other() {
    let app = TestApp::with_films(&films(&mut StdRng::seed_from_u64(1939))).await;
    let conn = &mut connect(&app.database).await;
    let index = app.catalog.current();
    let (at, _) = index.find(DimensionId::RunningTime, "under-40").unwrap();
    let filter = Filter::by(DimensionId::RunningTime, ValueRef::Position(at));
    let query = "SELECT array_agg(id ORDER BY id) AS numbers FROM movies WHERE runtime < 40";
    let short = numbers(conn, query).await;

    let random = &mut StdRng::seed_from_u64(2001);
    let mut met: Vec<i32> =
        (0..1000).map(|_| index.select(&filter).random(random).unwrap()).collect();
    met.sort_unstable();
    met.dedup();

    assert_eq!(met, short);
    let none = Filter::by(DimensionId::Decade, ValueRef::Unknown);
    assert_eq!(index.select(&none).random(random), None);
}
