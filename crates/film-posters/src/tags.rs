//! Derives the mood of a poster from the tags of its film.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::dice::Dice;

/// How sensitive the subject of a film is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    Light,
    /// War, grief, oppression: nothing playful.
    Grave,
    /// Atrocities: only quiet, grey sheets.
    Gravest,
}

/// The mood of all tags of a film.
pub struct Mood {
    /// Families of palettes with their weights.
    pub families: Vec<(&'static str, i32)>,
    /// From 0 (calm) to 1 (wild).
    pub energy: f64,
    pub gravity: Gravity,
}

/// The mood of one tag: a family of palettes, energy in ninths, gravity.
type Meaning = (&'static str, f64, Gravity);

static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    for (meaning, slugs) in lines() {
        let mut words = meaning.split(' ');
        let (Some(family), Some(energy)) = (words.next(), words.next()) else { continue };
        let gravity = match words.next() {
            Some("gravest") => Gravity::Gravest,
            Some("grave") => Gravity::Grave,
            _ => Gravity::Light,
        };
        let energy = energy.parse().expect("the energies in tags.txt are numbers");
        meanings.extend(slugs.split(' ').map(|slug| (slug, (family, energy, gravity))));
    }
    meanings
});

static GENERIC: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let generic = lines().filter(|(meaning, _)| *meaning == "generic");
    generic.flat_map(|(_, slugs)| slugs.split(' ')).collect()
});

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("tags.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": "))
}

impl Mood {
    /// Reads the slugs of tags, the main genre first.
    pub fn new(tags: &[&str], dice: &mut Dice) -> Self {
        let mut known: Vec<(bool, Meaning)> =
            tags.iter().filter_map(|tag| Some((GENERIC.contains(tag), meaning(tag)?))).collect();
        let gravity = known.iter().map(|(_, (.., gravity))| *gravity).max();
        known.sort_by_key(|(is_generic, _)| *is_generic);
        let mut families: Vec<(&str, i32)> = known
            .iter()
            .zip([4, 2, 1, 1])
            .map(|((_, (family, ..)), lots)| (*family, lots))
            .collect();
        if families.is_empty() {
            families = ["city", "leaf", "velvet", "day"].map(|family| (family, 1)).into();
        }
        let (sum, count) = known
            .iter()
            .take(3)
            .fold((0.0, 0.0), |(sum, count), (_, (_, energy, _))| (sum + energy, count + 1.0));
        let mean = if count > 0.0 { sum / count } else { 4.0 };
        let energy = (mean / 9.0 + dice.percent(-20, 20)).clamp(0.0, 1.0);
        Self { families, energy, gravity: gravity.unwrap_or(Gravity::Light) }
    }
}

/// Returns what a tag means: by its slug, without "film" or "movie", or by the gravest and then the
/// last of its words.
fn meaning(slug: &str) -> Option<Meaning> {
    let short = slug.strip_suffix("-film").or_else(|| slug.strip_suffix("-movie"));
    let whole = [Some(slug), short].into_iter().flatten().find_map(|slug| MEANINGS.get(slug));
    let words = || slug.split('-').filter_map(|word| MEANINGS.get(word));
    whole.or_else(|| words().max_by_key(|(.., gravity)| *gravity)).copied()
}
