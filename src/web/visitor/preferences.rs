//! A visitor's preferences.

use serde_json::Value;

use crate::catalog::sort::Sort;
use crate::sessions::Session;

pub const PER_PAGE: &str = "per_page";
pub const SORT: &str = "sort";
pub const THEME: &str = "theme";
pub const HISTORY: &str = "history";
pub const SEEN_FILMS: &str = "seen_films";
pub const VIEW: &str = "view";
pub const KEEP_SEEN_LISTED: &str = "keep_seen_listed";

/// Films per page that a visitor can choose.
pub const PAGE_SIZES: [u32; 5] = [6, 12, 24, 48, 96];

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

/// How lists show films that the visitor has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SeenFilms {
    #[default]
    Show,
    /// With faded posters.
    Fade,
    /// Lists leave them out; searches still find them.
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

/// The preferences that decide how a list is shown. Visitors with the same ones share cached pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ListPreferences {
    /// One of [`PAGE_SIZES`].
    pub per_page: u32,
    pub sort: Sort,
    pub view: View,
}

impl Default for ListPreferences {
    fn default() -> Self {
        Preferences::default().list()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Preferences {
    /// One of [`PAGE_SIZES`].
    pub per_page: u32,
    pub sort: Sort,
    pub view: View,
    pub theme: Theme,
    /// Whether the viewing history is kept.
    pub history: bool,
    pub seen_films: SeenFilms,
    /// Whether films stay on the watchlist when they are marked as seen.
    pub keep_seen_listed: bool,
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
            keep_seen_listed: false,
        }
    }
}

/// Parses one of [`PAGE_SIZES`].
pub fn page_size(text: &str) -> Option<u32> {
    text.parse().ok().filter(|size| PAGE_SIZES.contains(size))
}

/// Parses a switch in forms and sessions.
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
    /// Reads the preferences in the session. Values that are missing, or written by another version
    /// of the site, default to those of `default`.
    pub fn of(session: &Session, default: Self) -> Self {
        let mut preferences = default;
        for (key, _) in default.values() {
            if let Ok(Some(value)) = session.get::<Value>(key) {
                preferences.set_kept(key, &value);
            }
        }
        preferences
    }

    /// Sets the preference with this key from a form. Returns `false` if key or value is unknown.
    pub fn set(&mut self, key: &str, text: &str) -> bool {
        fn put<T>(preference: &mut T, value: Option<T>) -> bool {
            value.map(|value| *preference = value).is_some()
        }
        match key {
            PER_PAGE => put(&mut self.per_page, page_size(text)),
            SORT => put(&mut self.sort, Sort::parse(text)),
            VIEW => put(&mut self.view, View::parse(text)),
            THEME => put(&mut self.theme, Theme::parse(text)),
            HISTORY => put(&mut self.history, switch(text)),
            SEEN_FILMS => put(&mut self.seen_films, SeenFilms::parse(text)),
            KEEP_SEEN_LISTED => put(&mut self.keep_seen_listed, switch(text)),
            _ => false,
        }
    }

    /// As [`Preferences::set`], from a session.
    pub fn set_kept(&mut self, key: &str, value: &Value) -> bool {
        match value {
            Value::Number(number) if key == PER_PAGE => self.set(key, &number.to_string()),
            Value::String(text) if key != PER_PAGE => self.set(key, text),
            _ => false,
        }
    }

    pub fn list(self) -> ListPreferences {
        let Self { per_page, sort, view, .. } = self;
        ListPreferences { per_page, sort, view }
    }

    /// Returns the session values by key.
    pub fn values(self) -> [(&'static str, Value); 7] {
        [
            (PER_PAGE, self.per_page.into()),
            (SORT, self.sort.name().into()),
            (VIEW, self.view.as_str().into()),
            (THEME, self.theme.as_str().into()),
            (HISTORY, switch_name(self.history).into()),
            (SEEN_FILMS, self.seen_films.as_str().into()),
            (KEEP_SEEN_LISTED, switch_name(self.keep_seen_listed).into()),
        ]
    }
}
