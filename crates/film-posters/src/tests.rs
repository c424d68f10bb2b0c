mod figures;
mod films;
mod mood;
mod sheets;
mod variety;
mod walls;

use std::path::Path;
use std::sync::LazyLock;

use films::DemoFilm;

use super::*;
use crate::lettering::ERAS;

/// The films of the demo catalogue, the newest first.
static DEMO: LazyLock<Vec<DemoFilm>> =
    LazyLock::new(|| films::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data"))));

const GRAVEST: [&str; 14] = [
    "holocaust",
    "slavery",
    "genocide",
    "massacre",
    "terrorism",
    "suicide",
    "rape",
    "child-abuse",
    "famine",
    "lynching",
    "torture",
    "hiroshima",
    "aids",
    "human-trafficking",
];

fn posters() -> impl Iterator<Item = Poster> {
    DEMO.iter().map(DemoFilm::poster)
}

fn film<'a>(slug: &'a str, title: &'a str, tags: &'a [&'a str]) -> Poster {
    Poster::new(&Film { slug, title, year: Some(1979), minutes: Some(100), tags })
}

/// A thousand films of every era and any of `tags`.
fn thousand(tags: &[&str]) -> impl Iterator<Item = Poster> {
    let titles = ["Ran", "The Red Shoes", "Playtime", "An Autumn Afternoon", "Beau travail"];
    (0..1000_usize).map(move |at| {
        let slug = format!("film-{at}");
        let tags: Vec<&str> = if tags.is_empty() { vec![] } else { vec![tags[at % tags.len()]] };
        let year = i16::try_from(1900 + at % 125).ok();
        let title = titles[at % titles.len()];
        Poster::new(&Film {
            slug: &slug,
            title,
            year,
            minutes: i32::try_from(60 + 10 * (at % 12)).ok(),
            tags: &tags,
        })
    })
}
