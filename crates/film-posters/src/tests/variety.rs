//! How different the posters of one wall are.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{median_distance, phash};
use super::*;

/// The demo films of every tag that has at least 40.
fn walls() -> BTreeMap<&'static str, Vec<&'static DemoFilm>> {
    let mut walls: BTreeMap<&str, Vec<&DemoFilm>> = BTreeMap::new();
    for film in DEMO.iter() {
        for tag in &film.tags {
            walls.entry(tag).or_default().push(film);
        }
    }
    walls.retain(|_, films| films.len() >= 40);
    walls
}

/// Returns how many of the first 60 posters have the commonest composition, in percent.
fn commonest(films: &[&DemoFilm], edition: &str) -> usize {
    let mut counts = BTreeMap::new();
    let shown = films.iter().take(60);
    let total = shown.len();
    for poster in shown.map(|film| film.poster_of(edition)) {
        *counts.entry(poster.composition.name).or_insert(0) += 1;
    }
    100 * counts.into_values().max().unwrap_or(0) / total
}

/// Returns the commonest share of every wall, and how many neighbours look alike before hanging.
fn evenness(edition: &str) -> (usize, usize, usize) {
    let shares: Vec<usize> = walls().values().map(|films| commonest(films, edition)).collect();
    let mut posters: Vec<Poster> = DEMO.iter().map(|film| film.poster_of(edition)).collect();
    let before: Vec<String> = posters.iter().map(|poster| poster.palette.class()).collect();
    hang(&mut posters);
    let changed =
        posters.iter().zip(before).filter(|(poster, before)| poster.palette.class() != *before);
    (shares.iter().copied().max().unwrap(), shares.iter().sum(), changed.count())
}

/// Prints the figures by which [`EDITION`] was chosen; `EDITIONS=2000` compares as many.
#[test]
fn compositions_vary_within_a_tag() {
    if let Some(editions) =
        std::env::var("EDITIONS").ok().and_then(|count| count.parse::<u32>().ok())
    {
        let mut found: Vec<_> =
            (1..=editions).map(|edition| (evenness(&edition.to_string()), edition)).collect();
        found.sort_unstable();
        println!("{:?}", &found[..20.min(found.len())]);
    }
    let (most, sum, changed) = evenness(EDITION);
    println!("edition {EDITION}: at most {most} %, sum {sum}, {changed} inks changed");
    assert!(most <= 12, "{most} %");
}

#[test]
fn neighbours_differ_in_composition_or_palette() {
    let films: Vec<&DemoFilm> = DEMO.iter().collect();
    let lists = walls().into_values().chain([films]);
    for list in lists {
        for page in list.chunks(24) {
            let mut posters: Vec<Poster> = page.iter().map(|film| film.poster()).collect();
            hang(&mut posters);
            for columns in 2..=12 {
                for at in 0..posters.len() {
                    let is_first = at % columns == 0;
                    let steps = [(1, !is_first), (columns, true), (columns + 1, !is_first)];
                    let near = steps.iter().filter(|(step, may)| *may && *step <= at);
                    for (step, _) in near {
                        assert!(
                            posters[at].look() != posters[at - step].look(),
                            "{}",
                            page[at].slug
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn sixty_comedies_are_told_apart_by_their_pictures() {
    let comedies = DEMO.iter().filter(|film| film.tags.iter().any(|tag| tag == "comedy"));
    let mut posters: Vec<Poster> = comedies.take(60).map(DemoFilm::poster).collect();
    hang(&mut posters);
    let hashes: Vec<u64> = posters.iter().map(phash).collect();
    let mut pairs = Vec::new();
    for one in 0..hashes.len() {
        for other in 0..one {
            let distance = (hashes[one] ^ hashes[other]).count_ones();
            pairs.push((distance, posters[one].title.clone(), posters[other].title.clone()));
        }
    }
    pairs.sort_unstable();
    println!("nearest: {:?}, median {}", &pairs[..4], median_distance(&pairs));
    assert!(pairs[0].0 >= 10, "{:?}", &pairs[..4]);
}

#[test]
fn compositions_and_palettes_are_all_used() {
    let mut compositions = BTreeSet::new();
    let mut palettes = BTreeSet::new();
    for poster in posters() {
        compositions.insert(poster.composition.name);
        palettes.insert(poster.palette.class());
    }
    assert_eq!(compositions.len(), compose::ALL.len());
    assert_eq!(palettes.len(), Palette::all(DISPLAY).count());
}
