//! The films that a visitor keeps: the watchlist, and those seen.

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::DateTime;
use serde::Serialize;

use crate::catalog::movie_summary::{self, MovieSummary};
use crate::catalog::movies::{self, CreditedMovie};
use crate::web::components::card::{self, Card};
use crate::web::components::choice::{Choice, sizes};
use crate::web::components::pagination::Pagination;
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::url::{self, Link};
use crate::web::movie_query::view::wanted;
use crate::web::render::format::{counted, runtime};
use crate::web::render::page::Page;
use crate::web::render::placeholder::Hole;
use crate::web::state::Site;
use crate::web::visitor::{Mark, Visitor};

/// Orders of such a list, by the name they have in addresses.
const ORDERS: [(&str, &str); 6] = [
    ("added", "Last added first"),
    ("title", "Title"),
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("shortest", "Shortest first"),
    ("longest", "Longest first"),
];

#[derive(Serialize)]
struct KeptPage {
    heading: &'static str,
    /// Says what belongs here while nothing does.
    invitation: &'static str,
    path: &'static str,
    /// "5 films, 9 h 20 min"
    summary: String,
    /// Of films that the catalogue has no more.
    gone: Option<String>,
    orders: Vec<Choice>,
    sizes: Vec<Choice>,
    cards: Vec<Card>,
    /// All films in short, instead of the cards.
    rows: Vec<Row>,
    pagination: Pagination,
    table_href: String,
    cards_href: String,
    /// The heading of the column with the day.
    day: &'static str,
}

#[derive(Serialize)]
struct Row {
    slug: String,
    href: String,
    title: String,
    year: Option<i16>,
    directors: Vec<Link>,
    runtime: Option<String>,
    day: String,
    rating: Hole,
}

impl Page for KeptPage {
    const TEMPLATE: &'static str = "kept.html";
}

pub async fn watchlist(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    show(&site, &request, &visitor, Mark::Listed).await
}

pub async fn seen(
    site: web::Data<Site>,
    request: HttpRequest,
    visitor: Visitor,
) -> Result<HttpResponse> {
    show(&site, &request, &visitor, Mark::Seen).await
}

async fn show(
    site: &Site,
    request: &HttpRequest,
    visitor: &Visitor,
    mark: Mark,
) -> Result<HttpResponse> {
    visitor.in_reach()?;
    let query = Query::parse(request.query_string().as_bytes());
    let order = query.get("sort").filter(|order| ORDERS.iter().any(|(name, _)| name == order));
    let order = order.unwrap_or(ORDERS[0].0);
    let ids: Vec<i32> = visitor.marks().films(mark).into_iter().map(|(film, _)| film).collect();

    let conn = &mut site.pool.get().await?;
    let mut films = movie_summary::list(conn, &ids).await?;
    let gone = ids.len() - films.len();
    let summary = summary(&films);
    sort(&mut films, order);
    let ids: Vec<i32> = films.into_iter().map(|film| film.id).collect();
    let total = i64::try_from(ids.len()).unwrap_or_default();
    let per_page = wanted(&query, visitor.preferences()).per_page;
    let pagination =
        Pagination::new(request.path(), &query, per_page, total).map_err(Error::BeyondTheEnd)?;
    let in_short = query.get("view") == Some("table");
    let shown = if in_short { &ids[..] } else { part(&ids, &pagination) };
    let films = movies::with_ids(conn, shown).await?;

    let (cards, rows) = if in_short {
        (Vec::new(), films.into_iter().map(|film| Row::new(film, visitor, mark)).collect())
    } else {
        (films.into_iter().map(Card::from).collect(), Vec::new())
    };
    let choice = |(name, text): (&str, &str)| Choice::new(name, text, name == order);
    let path = if mark == Mark::Seen { "/seen" } else { "/watchlist" };
    let page = KeptPage {
        heading: if mark == Mark::Seen { "Films you have seen" } else { "Your watchlist" },
        invitation: if mark == Mark::Seen {
            "Press “Seen” at a film that you know, and it stands here."
        } else {
            "Press “Watchlist” at a film that you want to see, and it waits here."
        },
        path,
        summary,
        gone: (gone > 0).then(|| counted(i64::try_from(gone).unwrap_or_default(), "film")),
        orders: ORDERS.into_iter().map(choice).collect(),
        sizes: sizes(per_page),
        cards,
        rows,
        pagination,
        table_href: format!("{path}?sort={order}&view=table"),
        cards_href: format!("{path}?sort={order}"),
        day: if mark == Mark::Seen { "Marked" } else { "Added" },
    };
    site.respond(visitor, &page)
}

fn part<'a>(ids: &'a [i32], pagination: &Pagination) -> &'a [i32] {
    let from = usize::try_from(pagination.offset()).unwrap_or_default().min(ids.len());
    let most = usize::try_from(pagination.limit()).unwrap_or_default();
    &ids[from..ids.len().min(from + most)]
}

/// Films without the fact come last; ties end at title and number. They come last added first.
fn sort(films: &mut [MovieSummary], order: &str) {
    type Key<'a> = (bool, Reverse<i16>, i16, &'a str, i32);
    fn by(film: &MovieSummary, fact: Option<i16>, falling: bool) -> Key<'_> {
        let number = fact.unwrap_or_default();
        let (falling, rising) = if falling { (number, 0) } else { (0, number) };
        (fact.is_none(), Reverse(falling), rising, &film.sort_title, film.id)
    }
    let compare = |key: fn(&MovieSummary) -> Key<'_>| {
        move |a: &MovieSummary, b: &MovieSummary| key(a).cmp(&key(b))
    };
    match order {
        "title" => films.sort_by(compare(|film| by(film, Some(0), false))),
        "newest" => films.sort_by(compare(|film| by(film, film.year, true))),
        "oldest" => films.sort_by(compare(|film| by(film, film.year, false))),
        "shortest" => films.sort_by(compare(|film| by(film, film.runtime, false))),
        "longest" => films.sort_by(compare(|film| by(film, film.runtime, true))),
        _ => {}
    }
}

fn summary(films: &[MovieSummary]) -> String {
    let count = counted(i64::try_from(films.len()).unwrap_or_default(), "film");
    let minutes: i64 = films.iter().filter_map(|film| film.runtime).map(i64::from).sum();
    if minutes == 0 {
        return count;
    }
    let more = if films.iter().any(|film| film.runtime.is_none()) { " and more" } else { "" };
    format!("{count}, {}{more}", runtime(minutes))
}

impl Row {
    fn new(film: CreditedMovie, visitor: &Visitor, mark: Mark) -> Self {
        let id = film.movie.id;
        let time = visitor.marks().get(mark, id).and_then(|at| DateTime::from_timestamp(at, 0));
        Self {
            href: url::movie(&film.movie.slug),
            year: film.movie.year,
            directors: card::credits(&film.directors),
            runtime: film.movie.runtime.map(runtime),
            day: time.map(|time| time.format("%-d %B %Y").to_string()).unwrap_or_default(),
            rating: Hole::Rating(id),
            title: film.movie.title,
            slug: film.movie.slug,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    fn film(id: i32, title: &str, year: Option<i16>, runtime: Option<i16>) -> MovieSummary {
        MovieSummary { id, sort_title: title.to_owned(), year, runtime }
    }

    #[test]
    fn every_order_is_total_and_puts_the_unknown_last() {
        let films = [
            film(1, "b", Some(1950), None),
            film(2, "a", None, Some(100)),
            film(3, "c", Some(1950), Some(90)),
            film(4, "a", Some(2000), Some(100)),
        ];
        for (order, expected) in [
            ("added", [1, 2, 3, 4]),
            ("title", [2, 4, 1, 3]),
            ("newest", [4, 1, 3, 2]),
            ("oldest", [1, 3, 4, 2]),
            ("shortest", [3, 2, 4, 1]),
            ("longest", [2, 4, 3, 1]),
        ] {
            let mut films = films.clone();
            sort(&mut films, order);
            assert_eq!(films.map(|film| film.id), expected, "{order}");
        }
        assert_eq!(summary(&films), "4 films, 4 h 50 min and more");
    }

    #[test]
    fn the_template_reads_only_what_the_page_has() {
        assert_complete(&KeptPage {
            heading: "Your watchlist",
            invitation: "",
            path: "/watchlist",
            summary: "0 films".into(),
            gone: None,
            orders: vec![],
            sizes: vec![],
            cards: vec![],
            rows: vec![],
            pagination: Pagination::new("/watchlist", &Query::parse(b""), 24, 0).unwrap(),
            table_href: String::new(),
            cards_href: String::new(),
            day: "Added",
        });
    }
}
