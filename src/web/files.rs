//! Generated files, the same for every visitor.

pub mod atom;
pub mod posters;
pub mod sitemap;
