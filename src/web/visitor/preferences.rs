//! How a visitor likes the site.

use serde_json::Value;

use crate::catalog::movies::Sort;
use crate::sessions::Session;

pub const PER_PAGE: &str = "per_page";
pub const SORT: &str = "sort";
pub const THEME: &str = "theme";
pub const HISTORY: &str = "history";
pub const SEEN_FILMS: &str = "seen_films";
pub const VIEW: &str = "view";

/// Results on one page that a visitor may choose.
pub const PAGE_SIZES: [u32; 5] = [6, 12, 24, 48, 96];

/// Orders of a list that a visitor may choose, by the name they have in addresses.
pub const SORTS: [(&str, Sort); 5] = [
    ("newest", Sort::Newest),
    ("oldest", Sort::Oldest),
    ("title", Sort::Title),
    ("shortest", Sort::Shortest),
    ("longest", Sort::Longest),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }
}

/// What lists do with films that the visitor has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SeenFilms {
    #[default]
    Show,
    /// Their pictures stand back.
    Fade,
    /// They are in no list; a search for the title still finds them.
    Hide,
}

impl SeenFilms {
    pub const ALL: [Self; 3] = [Self::Show, Self::Fade, Self::Hide];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Fade => "fade",
            Self::Hide => "hide",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|films| films.as_str() == text)
    }
}

/// How lists of films look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    #[default]
    Posters,
    Table,
}

impl View {
    pub const ALL: [Self; 2] = [Self::Posters, Self::Table];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posters => "posters",
            Self::Table => "table",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Preferences {
    /// One of [`PAGE_SIZES`].
    pub per_page: u32,
    pub sort: Sort,
    pub view: View,
    pub theme: Theme,
    /// Whether the films that the visitor opens are recorded.
    pub history: bool,
    pub seen_films: SeenFilms,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            per_page: 24,
            sort: Sort::default(),
            view: View::default(),
            theme: Theme::default(),
            history: true,
            seen_films: SeenFilms::default(),
        }
    }
}

/// A page size, if it is one that may be chosen.
pub fn page_size(text: &str) -> Option<u32> {
    text.parse().ok().filter(|size| PAGE_SIZES.contains(size))
}

/// The order of that name in addresses.
pub fn sort(text: &str) -> Option<Sort> {
    SORTS.iter().find(|(name, _)| *name == text).map(|(_, sort)| *sort)
}

/// The name of an order in addresses.
pub fn sort_name(sort: Sort) -> &'static str {
    SORTS.iter().find(|(_, known)| *known == sort).map_or("newest", |(name, _)| name)
}

/// What stands for on and off in forms and sessions.
fn switch(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn switch_name(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

impl Preferences {
    /// What the session says, and `default` where it says nothing that makes sense: a value of
    /// another type, from another version of the site, counts as absent.
    pub fn of(session: &Session, default: Self) -> Self {
        let mut preferences = default;
        for (key, _) in default.values() {
            if let Ok(Some(value)) = session.get::<Value>(key) {
                preferences.set_kept(key, &value);
            }
        }
        preferences
    }

    /// Takes what a form says of the preference with that key; `false` when there is none, or it
    /// cannot be that.
    pub fn set(&mut self, key: &str, text: &str) -> bool {
        fn put<T>(preference: &mut T, value: Option<T>) -> bool {
            value.map(|value| *preference = value).is_some()
        }
        match key {
            PER_PAGE => put(&mut self.per_page, page_size(text)),
            SORT => put(&mut self.sort, sort(text)),
            VIEW => put(&mut self.view, View::parse(text)),
            THEME => put(&mut self.theme, Theme::parse(text)),
            HISTORY => put(&mut self.history, switch(text)),
            SEEN_FILMS => put(&mut self.seen_films, SeenFilms::parse(text)),
            _ => false,
        }
    }

    /// As [`Preferences::set`] for what a session keeps.
    pub fn set_kept(&mut self, key: &str, value: &Value) -> bool {
        match value {
            Value::Number(number) if key == PER_PAGE => self.set(key, &number.to_string()),
            Value::String(text) if key != PER_PAGE => self.set(key, text),
            _ => false,
        }
    }

    /// As they are kept in a session, by key.
    pub fn values(self) -> [(&'static str, Value); 6] {
        [
            (PER_PAGE, self.per_page.into()),
            (SORT, sort_name(self.sort).into()),
            (VIEW, self.view.as_str().into()),
            (THEME, self.theme.as_str().into()),
            (HISTORY, switch_name(self.history).into()),
            (SEEN_FILMS, self.seen_films.as_str().into()),
        ]
    }
}
