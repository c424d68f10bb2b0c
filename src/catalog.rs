//! The catalogue: what the site knows about films. Knows nothing of HTTP.

pub mod countries;
pub mod demo;
pub mod directors;
pub mod export;
pub mod fold;
pub mod import;
pub mod index;
pub mod languages;
mod lists;
pub mod lookup;
pub mod movies;
pub mod notices;
pub mod picked;
pub mod reads;
mod renumbering;
pub mod search;
pub mod slugs;
pub mod sources;
pub mod tags;
pub mod texts;
