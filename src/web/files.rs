//! Generated files, the same for every visitor.

#![warn(unreachable_pub)]

pub(crate) mod atom;
pub(crate) mod posters;
pub(crate) mod security_txt;
pub(crate) mod sitemap;
