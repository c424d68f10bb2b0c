//! What the site remembers about one visitor: the only place that names session keys.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};

use super::{Error, Result};
use crate::catalog::movies::Sort;
use crate::sessions::Session;

const NUM_VISITS: &str = "num_visits";
const PER_PAGE: &str = "per_page";
const SORT: &str = "sort";
const THEME: &str = "theme";

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// How a visitor likes the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    /// One of [`PAGE_SIZES`].
    pub per_page: u32,
    pub sort: Sort,
    pub theme: Theme,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { per_page: 24, sort: Sort::default(), theme: Theme::default() }
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

/// One visitor, during one request.
pub struct Visitor {
    session: Option<Session>,
    visits: i64,
    preferences: Preferences,
}

impl Visitor {
    pub async fn open(request: &HttpRequest) -> Result<Self> {
        Ok(Self::of(Session::open(request).await?, None))
    }

    /// Counts a view of the movie list. [`Visitor::visits`] is the number before this one; of
    /// views under way together each gets its own. What nobody sees is not counted: `HEAD`, and
    /// what a browser fetches in case it is wanted.
    pub async fn counting(request: &HttpRequest) -> Result<Self> {
        let ahead = request.headers().get("sec-purpose");
        let unseen = ahead.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"));
        if unseen || request.method() == Method::HEAD {
            return Self::open(request).await;
        }
        let (session, before) = Session::open_and_increment(request, NUM_VISITS, 1).await?;
        Ok(Self::of(session, Some(before)))
    }

    /// Somebody about whom nothing can be known now.
    pub fn unknown() -> Self {
        Self { session: None, visits: 0, preferences: Preferences::default() }
    }

    fn of(session: Session, visits: Option<i64>) -> Self {
        // A value of another type, from another version of the site, counts as absent.
        let text = |key| session.get::<String>(key).ok().flatten();
        let preferences = Preferences {
            per_page: session
                .get(PER_PAGE)
                .ok()
                .flatten()
                .filter(|size| PAGE_SIZES.contains(size))
                .unwrap_or(Preferences::default().per_page),
            sort: text(SORT).as_deref().and_then(sort).unwrap_or_default(),
            theme: text(THEME).as_deref().and_then(Theme::parse).unwrap_or_default(),
        };
        let visits = visits.or_else(|| session.get(NUM_VISITS).ok().flatten()).unwrap_or(0);
        Self { session: Some(session), visits, preferences }
    }

    /// Views of the movie list before this request.
    pub fn visits(&self) -> i64 {
        self.visits
    }

    pub fn preferences(&self) -> Preferences {
        self.preferences
    }

    /// Keeps what differs from before; returns whether anything did.
    pub fn prefer(&mut self, wanted: Preferences) -> Result<bool> {
        let Some(session) = &self.session else { return Ok(false) };
        let before = std::mem::replace(&mut self.preferences, wanted);
        if wanted.per_page != before.per_page {
            session.set(PER_PAGE, wanted.per_page)?;
        }
        if wanted.sort != before.sort {
            session.set(SORT, sort_name(wanted.sort))?;
        }
        if wanted.theme != before.theme {
            session.set(THEME, wanted.theme.as_str())?;
        }
        Ok(wanted != before)
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::open(&request).await })
    }
}
