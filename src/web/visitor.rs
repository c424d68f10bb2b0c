//! The visitor of a request: what the session means to this site. All session keys of the site are
//! defined in this module.

mod marking;
pub mod marks;
mod preferences;
mod record;

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, Utc};

pub use self::marks::{MAX_FILMS, MAX_HALF_STARS, MAX_VIEWED, Mark, Marks, half_stars, stars};
pub use self::preferences::{
    HISTORY, KEEP_SEEN_LISTED, ListPreferences, PAGE_SIZES, PER_PAGE, Preferences, SEEN_FILMS,
    SORT, SeenFilms, THEME, Theme, VIEW, View, page_size,
};
pub use self::record::{Kind, Restored};
use crate::catalog::index::Catalog;
use crate::sessions::{OpenError, Session};
use crate::web::error::{Error, Result};
use crate::web::http::limits::Limits;
use crate::web::http::{crawler, gpc};

const NUM_VISITS: &str = "num_visits";
/// Precedes the slug of a dismissed notice; the value is the notice's digest.
const NOTICE: &str = "notice:";

/// The visitor of one request.
pub struct Visitor {
    /// `None` for an anonymous visitor.
    session: Option<Session>,
    /// The session store is down; the page is shown without it, and says so.
    session_unavailable: bool,
    visits: i64,
    preferences: Preferences,
    marks: Marks,
    /// Marks on movies that were merged into others: the id in the session and that of the movie.
    merged_marks: Vec<(Mark, i32, i32)>,
    /// The browser asks not to be tracked.
    do_not_track: bool,
    /// Nobody sees the response, or not yet.
    is_prefetch: bool,
}

/// Where sessions are stored, as far as pages depend on it.
#[derive(Debug, Clone)]
pub struct SessionStorage {
    pub cookie_name: String,
    /// How long an unused session is stored, in days.
    pub days: i64,
    /// Sessions are stored in the cookies, and nothing on the server.
    pub in_cookie: bool,
    /// The catalog remains readable while the session store is down.
    pub is_independent: bool,
}

impl Visitor {
    /// Loads the session. While the store is down, pages that need only the catalog get an
    /// anonymous visitor.
    ///
    /// # Errors
    /// When the store is unavailable and the request cannot do without it.
    pub async fn open(request: &HttpRequest) -> Result<Self> {
        // Nothing is stored of a crawler.
        if crawler::is_declared(request) {
            return Ok(Self::anonymous());
        }
        match Session::open(request).await {
            Ok(session) if session.is_empty() && !admits_session(request) => Ok(Self::anonymous()),
            Ok(session) => Ok(Self::of(request, session, None)),
            Err(error) => Self::fall_back(request, error),
        }
    }

    fn fall_back(request: &HttpRequest, error: OpenError) -> Result<Self> {
        let storage = request.app_data::<web::Data<SessionStorage>>();
        let is_independent = storage.is_some_and(|storage| storage.is_independent);
        match error {
            OpenError::Store(error) if is_independent && request.method().is_safe() => {
                log::warn!("session store unavailable, serving the page without it: {error}");
                Ok(Self { session_unavailable: true, ..Self::anonymous() })
            }
            error => Err(error.into()),
        }
    }

    /// Loads the session and counts a view of the movie list. [`Visitor::visits`] is the number
    /// before this view; concurrent views get different numbers. `HEAD` and prefetches are not
    /// counted.
    ///
    /// # Errors
    /// As [`Visitor::open`].
    pub async fn counting_visit(request: &HttpRequest) -> Result<Self> {
        if is_unseen(request) || crawler::is_declared(request) {
            return Self::open(request).await;
        }
        match Session::open_and_increment(request, NUM_VISITS, 1).await {
            Ok((session, 0)) if session.keys() == [NUM_VISITS] && !admits_session(request) => {
                // It was created just now.
                session.flush();
                Ok(Self::anonymous())
            }
            Ok((session, before)) => Ok(Self::of(request, session, Some(before))),
            Err(error) => Self::fall_back(request, error),
        }
    }

    /// Returns a visitor without any data.
    pub fn anonymous() -> Self {
        Self {
            session: None,
            session_unavailable: false,
            visits: 0,
            preferences: Preferences::default(),
            marks: Marks::default(),
            merged_marks: Vec::new(),
            do_not_track: false,
            is_prefetch: true,
        }
    }

    fn of(request: &HttpRequest, session: Session, visits: Option<i64>) -> Self {
        let do_not_track = gpc::opts_out(request);
        let default = Preferences { history: !do_not_track, ..Preferences::default() };
        let mut marks = Marks::default();
        let index = request.app_data::<web::Data<Catalog>>().map(|catalog| catalog.current());
        let remaining = |film| index.as_ref().map_or(film, |index| index.remaining(film));
        let mut merged_marks = Vec::new();
        session.for_each(|key, value| {
            let Some((mark, film, value)) = Mark::parse(key, value) else { return };
            match remaining(film) {
                same if same == film => marks.insert(mark, film, value),
                other => merged_marks.push((mark, film, other, value)),
            }
        });
        // A mark on the remaining movie itself is the later decision.
        for (mark, _, film, value) in &merged_marks {
            if !marks.has(*mark, *film) {
                marks.insert(*mark, *film, *value);
            }
        }
        let merged_marks =
            merged_marks.into_iter().map(|(mark, from, into, _)| (mark, from, into)).collect();
        Self {
            visits: visits.or_else(|| session.get(NUM_VISITS).ok().flatten()).unwrap_or(0),
            preferences: Preferences::of(&session, default),
            marks,
            merged_marks,
            session: Some(session),
            session_unavailable: false,
            do_not_track,
            is_prefetch: is_unseen(request),
        }
    }

    /// Returns how often the visitor opened the film list before this request.
    pub fn visits(&self) -> i64 {
        self.visits
    }

    /// As [`Visitor::visits`], or `None` without a session.
    pub fn known_visits(&self) -> Option<i64> {
        self.is_remembered().then_some(self.visits)
    }

    pub fn preferences(&self) -> Preferences {
        self.preferences
    }

    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Returns whether the visitor has dismissed the notice with this digest.
    pub fn has_dismissed(&self, slug: &str, digest: &str) -> bool {
        let dismissed = |session: &Session| session.get::<String>(&notice_key(slug)).ok().flatten();
        self.session.as_ref().and_then(dismissed).is_some_and(|dismissed| dismissed == digest)
    }

    /// Dismisses a notice until its digest changes.
    ///
    /// # Errors
    /// When the site has no sessions.
    pub fn dismiss(&mut self, slug: &str, digest: &str) -> Result<()> {
        Ok(self.session()?.set(&notice_key(slug), digest)?)
    }

    /// Returns whether the browser asks not to be tracked (`Sec-GPC` or `DNT`). The history is then
    /// recorded only if the visitor has turned it on.
    pub fn do_not_track(&self) -> bool {
        self.do_not_track
    }

    /// Returns whether the session store is down.
    pub fn session_unavailable(&self) -> bool {
        self.session_unavailable
    }

    /// Fails for pages that show nothing but the session.
    ///
    /// # Errors
    /// When the session store is down.
    pub fn require_session(&self) -> Result<()> {
        if self.session_unavailable { Err(Error::SessionUnavailable) } else { Ok(()) }
    }

    /// Returns whether this is [`Visitor::anonymous`].
    pub fn is_anonymous(&self) -> bool {
        self.session.is_none() && !self.session_unavailable
    }

    /// Returns whether the site has sessions, and this visitor may have one.
    pub fn is_remembered(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_enabled)
    }

    /// Returns when the session expires if it is not used again.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.session.as_ref().map(|session| Utc::now() + session.lifetime())
    }

    /// Extends the session as if it had changed.
    pub fn extend_session(&self) {
        if let Some(session) = &self.session
            && !self.is_prefetch
            && !session.is_empty()
        {
            session.mark_modified();
        }
    }

    /// Stores the preferences that `is_changed` selects by key, even if they have the same value:
    /// a concurrent request may have changed it.
    ///
    /// # Errors
    /// When the site has no sessions.
    pub fn set_preferences(
        &mut self,
        preferences: Preferences,
        is_changed: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let values = preferences.values().into_iter();
        self.session()?.update(values.filter(|(key, _)| is_changed(key)))?;
        self.preferences = preferences;
        Ok(())
    }

    fn session(&self) -> Result<&Session> {
        self.session.as_ref().filter(|session| session.is_enabled()).ok_or(Error::SessionsDisabled)
    }
}

fn notice_key(slug: &str) -> String {
    format!("{NOTICE}{slug}")
}

/// Returns whether the client may get a session: one that asks for many pages without returning the cookie
/// would fill the store.
fn admits_session(request: &HttpRequest) -> bool {
    let limits = request.app_data::<web::Data<Limits>>();
    !request.method().is_safe() || limits.is_none_or(|limits| limits.admits_session(request))
}

/// Returns whether nobody sees the response to a request, or not yet: a prefetch, a `HEAD`, and what a
/// page embeds as an image, a frame or the like.
fn is_unseen(request: &HttpRequest) -> bool {
    let destination = request.headers().get("sec-fetch-dest");
    let is_document = destination.is_none_or(|destination| destination == "document");
    is_prefetch(request)
        || request.method() == Method::HEAD
        || (request.method().is_safe() && !is_document)
}

/// Returns whether the browser loads a page before the visitor asks for it.
pub fn is_prefetch(request: &HttpRequest) -> bool {
    let purpose = request.headers().get("sec-purpose");
    purpose.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"))
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::open(&request).await })
    }
}
