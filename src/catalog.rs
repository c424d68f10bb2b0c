//! The catalog: movies, people, tags and notices. Independent of HTTP.

mod adjacency;
pub mod countries;
pub mod demo;
pub mod directors;
pub mod export;
pub mod fold;
pub mod fulltext;
mod id_remap;
pub mod import;
pub mod index;
pub mod languages;
pub mod lookup;
pub mod movie_summary;
pub mod movies;
pub mod notices;
pub mod read_pool;
pub mod record;
pub mod search;
pub mod slugs;
pub mod sources;
pub mod tags;
