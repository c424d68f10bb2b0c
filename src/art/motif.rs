//! What is drawn for which kind of film. A layout is one composition of a motif.

use super::dice::Dice;
use super::sheet::Sheet;

mod battle;
mod cinema;
mod comedy;
mod drama;
mod forms;
mod history;
mod horror;
mod noir;
mod power;
mod space;
mod stage;
mod tales;
mod ways;
mod wilds;

/// One kind of picture.
#[derive(Debug)]
pub struct Motif {
    pub name: &'static str,
    /// Main hues the seed chooses from, in degrees, multiples of 10.
    pub hues: &'static [u16],
    pub layouts: &'static [Layout],
}

pub type Layout = fn(&mut Sheet, &mut Dice);

/// For films whose tags say nothing that can be drawn.
pub const NEUTRAL: [&Motif; 2] = [&forms::FORMS, &cinema::PROJECTION];

/// The motif of a tag's slug, if the tag has one.
pub fn of_tag(slug: &str) -> Option<&'static Motif> {
    Some(match slug {
        "drama" | "melodrama" | "family-life" | "marriage" | "grief" | "old-age" | "neorealism" => {
            &drama::DRAMA
        }
        "coming-of-age" | "childhood" | "school" | "teen" | "friendship" | "siblings" => {
            &drama::YOUTH
        }
        "faith" | "religion" | "religious" => &drama::FAITH,
        "comedy" | "satire" | "black-comedy" | "screwball-comedy" | "slapstick"
        | "mockumentary" | "parody" => &comedy::COMEDY,
        "romance" | "romantic-comedy" | "love-triangle" | "erotic" => &comedy::ROMANCE,
        "musical" | "music" | "jazz" | "opera" | "concert" => &stage::MUSIC,
        "dance" | "ballet" => &stage::DANCE,
        "animation" | "animated" | "anime" | "stop-motion" | "family" | "children" => {
            &tales::ANIMATION
        }
        "theatre" | "circus" | "shakespeare" => &stage::STAGE,
        "silent" => &cinema::SILENT,
        "crime" | "film-noir" | "neo-noir" | "gangster" | "heist" | "murder" | "revenge" => {
            &noir::NOIR
        }
        "thriller" | "suspense" | "obsession" => &noir::THRILLER,
        "mystery" | "detective" | "whodunit" => &noir::MYSTERY,
        "horror" | "vampire" | "ghost-story" | "monster" | "zombie" | "slasher" | "gothic" => {
            &horror::HORROR
        }
        "spy" | "espionage" => &power::SPY,
        "politics" | "political" | "revolution" | "dictatorship" | "resistance" | "labour"
        | "propaganda" => &power::POLITICS,
        "prison" => &power::PRISON,
        "courtroom" | "legal" => &power::COURT,
        "science-fiction" | "dystopia" | "post-apocalyptic" | "time-travel" | "cyberpunk" => {
            &space::SCIENCE_FICTION
        }
        "space" => &space::SPACE,
        "robots" => &space::ROBOTS,
        "fantasy" | "fairy-tale" | "folklore" | "myth" | "mythology" => &tales::FANTASY,
        "experimental" | "surrealism" | "expressionism" | "dreams" | "avant-garde" => {
            &forms::EXPERIMENT
        }
        "adventure" | "swashbuckler" => &wilds::ADVENTURE,
        "western" => &wilds::WESTERN,
        "sea" | "island" | "nautical" => &ways::SEA,
        "road-movie" => &ways::ROAD,
        "railway" => &ways::RAILWAY,
        "mountains" | "winter" | "mountaineering" | "christmas" => &wilds::MOUNTAINS,
        "desert" => &wilds::DESERT,
        "countryside" | "village-life" => &ways::COUNTRY,
        "city-life" => &ways::CITY,
        "action" | "superhero" | "disaster" => &battle::ACTION,
        "war" | "vietnam-war" | "first-world-war" | "second-world-war" | "civil-war"
        | "holocaust" => &battle::WAR,
        "sports" | "sport" | "boxing" => &battle::SPORT,
        "samurai" | "martial-arts" => &battle::SAMURAI,
        "biography" | "biographical" => &history::BIOGRAPHY,
        "historical" | "history" | "epic" | "costume" => &history::HISTORY,
        "documentary" | "essay-film" | "journalism" => &cinema::DOCUMENTARY,
        "filmmaking" => &cinema::PROJECTION,
        _ => return None,
    })
}

/// A tag for every motif that has one.
#[cfg(test)]
pub const TAGS: [&str; 39] = [
    "drama",
    "coming-of-age",
    "faith",
    "comedy",
    "romance",
    "musical",
    "dance",
    "animation",
    "theatre",
    "silent",
    "film-noir",
    "thriller",
    "mystery",
    "horror",
    "spy",
    "politics",
    "prison",
    "courtroom",
    "science-fiction",
    "space",
    "robots",
    "fantasy",
    "experimental",
    "adventure",
    "western",
    "sea",
    "road-movie",
    "railway",
    "mountains",
    "desert",
    "countryside",
    "city-life",
    "action",
    "war",
    "sports",
    "samurai",
    "biography",
    "historical",
    "documentary",
];
