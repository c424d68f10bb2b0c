//! The ways to narrow a list of films and to widen it again.

use serde::Serialize;

use crate::catalog::directors;
use crate::catalog::index::{Dimension, Facet, Filter, Index, Value};
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::http::url::Link;
use crate::web::movie_query::criteria::{Criterion, Narrowing};
use crate::web::render::format::{counted, grouped, unit};

/// Values shown of a dimension that may have many.
const MOST_VALUES: usize = 12;

#[derive(Debug, Default, Serialize)]
pub struct Filters {
    chosen: Vec<Chosen>,
    /// Where the list is without any of it.
    nothing: Option<String>,
    panels: Vec<Panel>,
    /// To one of these films.
    random: Option<String>,
}

/// What is chosen, with the way to the list without it.
#[derive(Debug, Serialize)]
struct Chosen {
    text: String,
    href: String,
}

/// What can be chosen of one dimension.
#[derive(Debug, Serialize)]
struct Panel {
    name: &'static str,
    offers: Vec<Offer>,
    all: Option<Link>,
}

/// A value to choose, with the number of films that would be left.
#[derive(Debug, Serialize)]
pub struct Offer {
    text: String,
    href: String,
    films: String,
    /// "film" or "films"
    unit: String,
    /// It is chosen; the link undoes it.
    current: bool,
    /// To the films that do not have it.
    without: Option<Without>,
}

#[derive(Debug, Serialize)]
struct Without {
    href: String,
    /// "1,312 films"
    films: String,
}

/// A criterion to give up when no film has all of them.
#[derive(Debug, Serialize)]
pub struct GiveUp {
    text: String,
    href: String,
    films: String,
}

impl Filters {
    /// `total` is how many films the filter leaves.
    pub async fn new(
        conn: &mut Connection,
        index: &Index,
        narrowing: &Narrowing,
        filter: &Filter,
        total: i64,
    ) -> Result<Self> {
        let mut panels = Vec::new();
        for dimension in Dimension::ALL {
            let mut facet = index.facet(filter, dimension, 0..most(dimension));
            in_time(dimension, &mut facet);
            let offers = offers(conn, &facet, narrowing, total).await?;
            let all = (facet.distinct > facet.values.len()).then(|| Link {
                href: narrowing.address_at(&format!("/movies/by/{}", slug(dimension))),
                text: format!("All {}", plural(dimension, facet.distinct)),
            });
            if !offers.is_empty() {
                panels.push(Panel { name: name(dimension), offers, all });
            }
        }
        Ok(Self { panels, ..Self::chosen(narrowing, total) })
    }

    /// Without anything to choose.
    pub fn chosen(narrowing: &Narrowing, total: i64) -> Self {
        let criteria = narrowing.criteria();
        let chosen =
            |one: &Criterion| Chosen { text: one.label(), href: narrowing.without(one).address() };
        Self {
            chosen: criteria.iter().map(chosen).collect(),
            nothing: (criteria.len() > 1).then(|| narrowing.nothing().address()),
            panels: Vec::new(),
            random: (total > 0).then(|| narrowing.address_at("/movies/random")),
        }
    }
}

/// The values as links. It takes one statement for directors, for their names.
pub async fn offers(
    conn: &mut Connection,
    facet: &Facet<'_>,
    narrowing: &Narrowing,
    total: i64,
) -> Result<Vec<Offer>> {
    let director = |value: &Value<'_>| match value {
        Value::Director(id) => Some(*id),
        _ => None,
    };
    let ids: Vec<i32> = facet.values.iter().filter_map(|(value, _)| director(value)).collect();
    let names = match ids.is_empty() {
        true => Vec::new(),
        false => directors::with_ids(conn, &ids).await?,
    };
    let offer = |(value, films): &(Value<'_>, i64)| {
        let criterion = Criterion::of(*value, &names)?;
        let current = narrowing.criteria().contains(&criterion);
        let rest = total - films;
        let without = match &criterion {
            Criterion::Tag(tag) if rest > 0 => Some(Without {
                href: narrowing.and(Criterion::WithoutTag(tag.clone())).address(),
                films: counted(rest, "film"),
            }),
            _ => None,
        };
        Some(Offer {
            text: criterion.label(),
            href: match current {
                true => narrowing.without(&criterion).address(),
                false => narrowing.and(criterion).address(),
            },
            films: grouped(*films),
            unit: unit(*films, "film"),
            current,
            without,
        })
    };
    Ok(facet.values.iter().filter_map(offer).collect())
}

/// For each criterion, the list without it; those that leave the most films first.
pub fn give_up(index: &Index, narrowing: &Narrowing, hidden: &[i32]) -> Vec<GiveUp> {
    let without = |one: &Criterion| {
        let wider = narrowing.without(one);
        let films = index.select(&wider.filter(hidden.to_vec())).total();
        (one.label(), wider.address(), films)
    };
    let mut ways: Vec<_> = narrowing.criteria().iter().map(without).collect();
    ways.sort_by_key(|(.., films)| -films);
    let way = |(text, href, films)| GiveUp { text, href, films: counted(films, "film") };
    ways.into_iter().map(way).collect()
}

/// Decades and running times are few and have an order of their own.
fn most(dimension: Dimension) -> usize {
    match dimension {
        Dimension::Decade | Dimension::Length => usize::MAX,
        _ => MOST_VALUES,
    }
}

fn in_time(dimension: Dimension, facet: &mut Facet<'_>) {
    match dimension {
        Dimension::Decade | Dimension::Length => {
            facet.values.sort_by_key(|(value, _)| match value {
                Value::Decade(first) => *first,
                Value::Length(length) => *length as i16,
                _ => 0,
            });
        }
        _ => {}
    }
}

/// The name of a dimension in addresses.
pub fn slug(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Tag => "tag",
        Dimension::Decade => "decade",
        Dimension::Director => "director",
        Dimension::Country => "country",
        Dimension::Language => "language",
        Dimension::Length => "runtime",
    }
}

pub fn name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Tag => "Tag",
        Dimension::Decade => "Decade",
        Dimension::Director => "Director",
        Dimension::Country => "Country",
        Dimension::Language => "Language",
        Dimension::Length => "Running time",
    }
}

/// "213 tags"
pub fn plural(dimension: Dimension, count: usize) -> String {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    match dimension {
        Dimension::Country if count != 1 => format!("{} countries", grouped(count)),
        _ => counted(count, &name(dimension).to_lowercase()),
    }
}
