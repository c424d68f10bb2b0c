//! The filters of a film list: active ones, options, and ways out of an empty list.

use serde::Serialize;

use crate::catalog::directors;
use crate::catalog::index::{Dimension, Facet, Filter, Index, Value};
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::movie_query::criteria::{Criterion, Label, Narrowing};

/// Values shown of a dimension that may have many.
const MAX_VALUES: usize = 12;

#[derive(Debug, Default, Serialize)]
pub struct Filters {
    pub active: Vec<ActiveFilter>,
    /// The list without any filter, if several are active.
    clear_href: Option<String>,
    panels: Vec<Panel>,
    /// A random film of the list.
    random_href: Option<String>,
}

/// An active filter; the link removes it.
#[derive(Debug, Serialize)]
pub struct ActiveFilter {
    label: Label,
    href: String,
}

/// The options of one dimension.
#[derive(Debug, Serialize)]
struct Panel {
    dimension: &'static str,
    options: Vec<FacetOption>,
    all: Option<AllValues>,
}

/// The page with every value of a dimension.
#[derive(Debug, Serialize)]
struct AllValues {
    href: String,
    values: usize,
}

/// A value of a dimension, and the number of films that have it.
#[derive(Debug, Serialize)]
pub struct FacetOption {
    label: Label,
    href: String,
    films: i64,
    /// The filter is active, and the link removes it.
    active: bool,
    exclude: Option<Exclusion>,
}

/// The films that do not have the value.
#[derive(Debug, Serialize)]
struct Exclusion {
    href: String,
    films: i64,
}

/// A filter to remove when no film matches all of them, and the number of films without it.
#[derive(Debug, Serialize)]
pub struct Relaxation {
    label: Label,
    href: String,
    films: i64,
}

impl Filters {
    /// Counts the values of every dimension. `total` is the number of films that match.
    pub async fn new(
        conn: &mut Connection,
        index: &Index,
        narrowing: &Narrowing,
        filter: &Filter,
        total: i64,
    ) -> Result<Self> {
        let mut panels = Vec::new();
        for dimension in Dimension::ALL {
            let mut facet = index.facet(filter, dimension, 0..max_values(dimension));
            sort_chronologically(dimension, &mut facet);
            let options = options(conn, &facet, narrowing, total).await?;
            let all = (facet.distinct > facet.values.len()).then(|| AllValues {
                href: narrowing.address_at(&format!("/movies/by/{}", slug(dimension))),
                values: facet.distinct,
            });
            if !options.is_empty() {
                panels.push(Panel { dimension: slug(dimension), options, all });
            }
        }
        Ok(Self { panels, ..Self::active(narrowing, total) })
    }

    /// Returns the active filters without any options.
    pub fn active(narrowing: &Narrowing, total: i64) -> Self {
        let criteria = narrowing.criteria();
        let active = |one: &Criterion| ActiveFilter {
            label: one.label(),
            href: narrowing.without(one).address(),
        };
        Self {
            active: criteria.iter().map(active).collect(),
            clear_href: (criteria.len() > 1).then(|| narrowing.nothing().address()),
            panels: Vec::new(),
            random_href: (total > 0).then(|| narrowing.address_at("/movies/random")),
        }
    }
}

/// Makes the values of a facet links. Runs one statement, for the names of directors.
pub async fn options(
    conn: &mut Connection,
    facet: &Facet<'_>,
    narrowing: &Narrowing,
    total: i64,
) -> Result<Vec<FacetOption>> {
    let director = |value: &Value<'_>| match value {
        Value::Director(id) => Some(*id),
        _ => None,
    };
    let ids: Vec<i32> = facet.values.iter().filter_map(|(value, _)| director(value)).collect();
    let names = match ids.is_empty() {
        true => Vec::new(),
        false => directors::with_ids(conn, &ids).await?,
    };
    let option = |(value, films): &(Value<'_>, i64)| {
        let criterion = Criterion::of(*value, &names)?;
        let active = narrowing.criteria().contains(&criterion);
        let rest = total - films;
        let exclude = match &criterion {
            Criterion::Tag(tag) if rest > 0 => Some(Exclusion {
                href: narrowing.and(Criterion::WithoutTag(tag.clone())).address(),
                films: rest,
            }),
            _ => None,
        };
        Some(FacetOption {
            label: criterion.label(),
            href: match active {
                true => narrowing.without(&criterion).address(),
                false => narrowing.and(criterion).address(),
            },
            films: *films,
            active,
            exclude,
        })
    };
    Ok(facet.values.iter().filter_map(option).collect())
}

/// Returns, for each criterion, the list without it; the list with the most films first.
pub fn relaxations(index: &Index, narrowing: &Narrowing, hidden: &[i32]) -> Vec<Relaxation> {
    let relax = |one: &Criterion| {
        let wider = narrowing.without(one);
        let films = index.select(&wider.filter(hidden.to_vec())).total();
        Relaxation { label: one.label(), href: wider.address(), films }
    };
    let mut relaxations: Vec<_> = narrowing.criteria().iter().map(relax).collect();
    relaxations.sort_by_key(|one| -one.films);
    relaxations
}

/// Returns the most values to show. Decades and running times are few and all shown.
fn max_values(dimension: Dimension) -> usize {
    match dimension {
        Dimension::Decade | Dimension::Length => usize::MAX,
        _ => MAX_VALUES,
    }
}

/// Sorts decades and running times by value instead of by number of films.
fn sort_chronologically(dimension: Dimension, facet: &mut Facet<'_>) {
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

/// Returns the name of a dimension in URLs and templates.
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
