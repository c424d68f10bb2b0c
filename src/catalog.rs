//! The catalog: movies, people, tags and notices. Independent of HTTP.

mod adjacency;
pub mod countries;
pub mod demo;
pub mod dimension;
pub mod editing;
pub mod export;
pub mod fold;
pub mod fulltext;
mod id_remap;
pub mod import;
pub mod index;
pub mod languages;
pub mod lookup;
pub mod movies;
pub mod notices;
pub mod people;
pub mod read_pool;
pub mod record;
pub mod search;
pub mod slugs;
pub mod sort;
pub mod sources;
pub mod tags;
