//! The index from the database: a few statements of one snapshot, read as they stream in.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use futures_util::TryStreamExt;
use roaring::RoaringBitmap;

use super::filter::decade;
use super::{Country, Directors, Document, Index, Length, Lists, Order, Values};
use crate::catalog::fold::slug;
use crate::catalog::languages;
use crate::catalog::search::Builder;
use crate::catalog::tags::Tag;
use crate::db::Connection;
use crate::schema::{catalogue_version, directors, movie_directors, movie_tags, movies, tags};

/// The number of the catalogue's present state.
pub async fn version(conn: &mut Connection) -> QueryResult<i64> {
    catalogue_version::table.select(catalogue_version::version).first(conn).await
}

/// Version and facts agree, whatever is committed meanwhile.
pub async fn load(conn: &mut Connection) -> QueryResult<Index> {
    conn.build_transaction().read_only().repeatable_read().run(async |conn| read(conn).await).await
}

async fn read(conn: &mut Connection) -> QueryResult<Index> {
    let version = version(conn).await?;
    let mut words = Builder::default();
    let films = Films::read(conn, &mut words).await?;
    let tags = read_tags(conn, &films).await?;
    for (place, tag) in (0..).zip(tags.labels()) {
        words.tag(place, &tag.name);
    }
    let directors = read_directors(conn, &films, &mut words).await?;
    Ok(Index {
        version,
        all: (0..number(films.ids.len())).collect(),
        told: films.told,
        years: Order::new(&films.years),
        runtimes: Order::new(&films.runtimes),
        tags,
        decades: classes(&films.years, decade),
        lengths: classes(&films.runtimes, Length::of),
        countries: films.countries.sorted_by_key(|country| country.name.clone()),
        languages: films.languages.sorted_by_key(|code| languages::name(code)),
        directors,
        words: words.finish(),
        ids: films.ids,
        by_id: films.by_id,
    })
}

/// What stands in the table of films itself.
#[derive(Default)]
struct Films {
    ids: Vec<i32>,
    by_id: Vec<Document>,
    years: Vec<Option<i16>>,
    runtimes: Vec<Option<i16>>,
    told: RoaringBitmap,
    countries: Gathered<Country>,
    languages: Gathered<String>,
}

impl Films {
    async fn read(conn: &mut Connection, words: &mut Builder) -> QueryResult<Self> {
        type Names = (String, Option<String>);
        type Row = (i32, Names, Option<i16>, Option<i16>, bool, Vec<String>, Vec<String>);
        let mut films = Self::default();
        let mut rows = movies::table
            .order((movies::sort_title, movies::id))
            .select((
                movies::id,
                (movies::title, movies::original_title),
                movies::year,
                movies::runtime,
                movies::synopsis.is_not_null(),
                movies::countries,
                movies::languages,
            ))
            .load_stream::<Row>(conn)
            .await?;
        while let Some(row) = rows.try_next().await? {
            let (id, (title, original_title), year, runtime, is_told, countries, languages) = row;
            let document = number(films.ids.len());
            words.film(&title, original_title.as_deref());
            films.ids.push(id);
            films.years.push(year);
            films.runtimes.push(runtime);
            if is_told {
                films.told.insert(document);
            }
            for name in countries {
                let country =
                    |name: &str| Country { slug: slug(name, None), name: name.to_owned() };
                films.countries.add(document, name, country, |country| &country.slug);
            }
            for code in languages {
                films.languages.add(document, code, str::to_owned, |code| code);
            }
        }
        films.by_id = places_by_id(&films.ids);
        Ok(films)
    }

    fn document(&self, id: i32) -> Option<Document> {
        super::place(&self.ids, &self.by_id, id)
    }
}

/// Values as they are met, with the documents that have each.
struct Gathered<T> {
    values: Vec<(T, RoaringBitmap)>,
    /// Place in `values`, by the text in the database.
    places: HashMap<String, usize>,
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self { values: Vec::new(), places: HashMap::new() }
    }
}

impl<T> Gathered<T> {
    /// Texts that make values of the same `key` are one value, named as the first of them.
    fn add(
        &mut self,
        document: Document,
        text: String,
        make: impl Fn(&str) -> T,
        key: impl Fn(&T) -> &String,
    ) {
        let values = &mut self.values;
        let place = *self.places.entry(text).or_insert_with_key(|text| {
            let value = make(text);
            let same = values.iter().position(|(other, _)| key(other) == key(&value));
            same.unwrap_or_else(|| {
                values.push((value, RoaringBitmap::new()));
                values.len() - 1
            })
        });
        values[place].1.insert(document);
    }

    fn sorted_by_key(mut self, key: impl Fn(&T) -> String) -> Values<T> {
        self.values.sort_by_cached_key(|(value, _)| key(value));
        Values(self.values)
    }
}

/// Documents by the class of a number.
fn classes<T: Ord + Copy>(numbers: &[Option<i16>], class: impl Fn(i16) -> T) -> Values<T> {
    let mut classes: BTreeMap<T, RoaringBitmap> = BTreeMap::new();
    for (document, number) in (0..).zip(numbers) {
        if let Some(number) = number {
            classes.entry(class(*number)).or_default().insert(document);
        }
    }
    Values(classes.into_iter().collect())
}

async fn read_tags(conn: &mut Connection, films: &Films) -> QueryResult<Values<Tag>> {
    let known: Vec<Tag> = Tag::query().order(tags::id).load(conn).await?;
    let mut documents = vec![RoaringBitmap::new(); known.len()];
    let mut rows = movie_tags::table
        .select((movie_tags::movie_id, movie_tags::tag_id))
        .load_stream::<(i32, i32)>(conn)
        .await?;
    while let Some((movie, tag)) = rows.try_next().await? {
        let tag = known.binary_search_by_key(&tag, |tag| tag.id).ok();
        if let (Some(document), Some(tag)) = (films.document(movie), tag) {
            documents[tag].insert(document);
        }
    }
    let mut tags: Vec<_> = known.into_iter().zip(documents).collect();
    tags.sort_by(|(tag, _), (other, _)| tag.slug.cmp(&other.slug));
    Ok(Values(tags))
}

async fn read_directors(
    conn: &mut Connection,
    films: &Films,
    words: &mut Builder,
) -> QueryResult<Directors> {
    let (mut ids, mut told) = (Vec::new(), RoaringBitmap::new());
    let mut initials: Vec<(String, Range<u32>)> = Vec::new();
    let initial = sql::<Text>("left(sort_name, 1)");
    let mut names = directors::table
        .order((directors::sort_name, directors::id))
        .select((directors::id, directors::name, initial, directors::biography.is_not_null()))
        .load_stream::<(i32, String, String, bool)>(conn)
        .await?;
    while let Some((id, name, initial, is_told)) = names.try_next().await? {
        let place = number(ids.len());
        ids.push(id);
        words.director(&name);
        if is_told {
            told.insert(place);
        }
        match initials.last_mut().filter(|(last, _)| *last == initial) {
            Some((_, places)) => places.end = place + 1,
            None => initials.push((initial, place..place + 1)),
        }
    }
    drop(names);
    let by_id = places_by_id(&ids);
    let mut credits: Vec<(Document, u32)> = Vec::with_capacity(films.ids.len());
    let mut rows = movie_directors::table
        .select((movie_directors::movie_id, movie_directors::director_id))
        .load_stream::<(i32, i32)>(conn)
        .await?;
    while let Some((movie, director)) = rows.try_next().await? {
        let director = super::place(&ids, &by_id, director);
        credits.extend(films.document(movie).zip(director));
    }
    let of = Lists::new(films.ids.len(), credits.iter().copied());
    let by_film = (0..number(films.ids.len()))
        .flat_map(|document| of.get(document).iter().map(move |director| (*director, document)));
    let films = Lists::new(ids.len(), by_film);
    let mut by_films: Vec<u32> = (0..number(ids.len())).collect();
    by_films.sort_by_key(|&place| Reverse(films.len(place)));
    let credited = by_films.partition_point(|&place| films.len(place) > 0);
    // A name without letters has none in front.
    initials.retain(|(initial, _)| !initial.is_empty());
    Ok(Directors { ids, by_id, by_films, credited, initials, told, films, of })
}

fn places_by_id(ids: &[i32]) -> Vec<u32> {
    let mut places: Vec<u32> = (0..number(ids.len())).collect();
    places.sort_unstable_by_key(|&place| ids[place as usize]);
    places
}

/// Rows are numbered with 32 bits: their ids have no more.
fn number(rows: usize) -> u32 {
    u32::try_from(rows).expect("ids of 32 bits are unique")
}
