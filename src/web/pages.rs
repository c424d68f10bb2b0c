//! The pages: one module for each.

pub mod about;
pub mod film_actions;
pub mod home;
mod moved;
pub mod movies;
pub mod my_lists;
pub mod notices;
pub mod people;
pub mod preferences;
pub mod search;
pub mod tags;
pub mod views;
pub mod you;
