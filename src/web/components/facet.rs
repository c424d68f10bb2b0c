//! The filters of a film list: active ones, options, and ways out of an empty list.

use serde::Serialize;

use crate::catalog::dimension::{self, DimensionId, Value};
use crate::catalog::index::{Facet, Filter, Index};
use crate::db::Connection;
use crate::web::error::Result;
use crate::web::movie_query::{Criterion, Label, MovieQuery};

/// Maximum number of values in a panel, unless their order is natural.
const MAX_VALUES: usize = 12;

#[derive(Debug, Default, Serialize)]
pub struct Filters {
    pub active: Vec<ActiveFilter>,
    /// Active filters by values that no film has.
    unknown: Vec<Label>,
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
        movie_query: &MovieQuery,
        filter: &Filter,
        total: i64,
    ) -> Result<Self> {
        let mut panels = Vec::new();
        for dimension in DimensionId::ALL.into_iter().filter(|one| one.has_panel()) {
            let max = if dimension.is_ordinal() { usize::MAX } else { MAX_VALUES };
            let mut facet = index.facet(filter, dimension, 0..max);
            if dimension.is_ordinal() {
                facet.values.sort_by_key(|(position, _)| *position);
            }
            let options = options(conn, index, dimension, &facet, movie_query, total).await?;
            let all = (facet.distinct > facet.values.len()).then(|| AllValues {
                href: movie_query.url_at(&format!("/movies/by/{}", dimension.parameter())),
                values: facet.distinct,
            });
            if !options.is_empty() {
                panels.push(Panel { dimension: dimension.parameter(), options, all });
            }
        }
        Ok(Self { panels, ..Self::active(movie_query, total) })
    }

    /// Returns the active filters without any options.
    pub fn active(movie_query: &MovieQuery, total: i64) -> Self {
        let criteria = movie_query.criteria();
        let active = |one: &Criterion| ActiveFilter {
            label: one.label(),
            href: movie_query.without(one).url(),
        };
        Self {
            active: criteria.iter().map(active).collect(),
            unknown: criteria.iter().filter(|one| one.is_unknown()).map(Criterion::label).collect(),
            clear_href: (criteria.len() > 1).then(|| movie_query.cleared().url()),
            panels: Vec::new(),
            random_href: (total > 0).then(|| movie_query.url_at("/movies/random")),
        }
    }
}

/// Makes the values of a facet links. Names of people take one statement.
pub async fn options(
    conn: &mut Connection,
    index: &Index,
    dimension: DimensionId,
    facet: &Facet,
    movie_query: &MovieQuery,
    total: i64,
) -> Result<Vec<FacetOption>> {
    let positions: Vec<u32> = facet.values.iter().map(|(position, _)| *position).collect();
    let names = dimension::load(conn, index, dimension, &positions).await?;
    let option = |((position, films), name): (&(u32, i64), Option<Value>)| {
        let criterion = Criterion::chosen(dimension, *position, name?);
        let active = movie_query.criteria().contains(&criterion);
        let rest = total - films;
        let exclude = (dimension.is_cumulative() && rest > 0).then(|| Exclusion {
            href: movie_query.and(criterion.clone().excluded()).url(),
            films: rest,
        });
        Some(FacetOption {
            label: criterion.label(),
            href: match active {
                true => movie_query.without(&criterion).url(),
                false => movie_query.and(criterion).url(),
            },
            films: *films,
            active,
            exclude,
        })
    };
    Ok(facet.values.iter().zip(names).filter_map(option).collect())
}

/// Returns, for each criterion, the list without it; the list with the most films first.
pub fn relaxations(index: &Index, movie_query: &MovieQuery, hidden: &[i32]) -> Vec<Relaxation> {
    let relax = |one: &Criterion| {
        let wider = movie_query.without(one);
        let films = index.select(&wider.filter(hidden.to_vec())).total();
        Relaxation { label: one.label(), href: wider.url(), films }
    };
    let mut relaxations: Vec<_> = movie_query.criteria().iter().map(relax).collect();
    relaxations.sort_by_key(|one| -one.films);
    relaxations
}
