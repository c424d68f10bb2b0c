//! Watchlist, seen, ratings, history, and all that is remembered: by plain forms, without
//! JavaScript.

mod engines;
mod hidden;
mod history;
mod lists;
mod marks;
mod notices;
mod recommended;
mod you;
