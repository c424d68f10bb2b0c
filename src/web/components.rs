//! Parts of pages: the structs behind `templates/components/`.

pub mod card;
pub mod choice;
pub mod explanation;
pub mod facet;
pub mod film_marks;
pub mod hidden_movies;
pub mod movie_table;
pub mod pagination;
pub mod person;
pub mod picture;
pub mod tag_link;
pub mod text_source;
pub mod viewed;
