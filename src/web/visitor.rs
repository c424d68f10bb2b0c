//! What the site remembers about one visitor. Session keys of the site are named here and below
//! alone.

mod marking;
mod marks;
mod preferences;
mod record;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{DateTime, Utc};

pub use self::marks::{MAX_FILMS, MAX_HALF_STARS, MAX_VIEWED, Mark, Marks, half_stars, stars};
pub use self::preferences::{
    HISTORY, KEEP_SEEN_LISTED, PAGE_SIZES, PER_PAGE, Preferences, SEEN_FILMS, SORT, SORTS,
    SeenFilms, THEME, Theme, VIEW, View, page_size, sort, sort_name,
};
pub use self::record::{Kind, Restored, films};
use crate::sessions::{OpenError, Session};
use crate::web::error::{Error, Result};
use crate::web::http::gpc;
use crate::web::render::notices::Notice;
use crate::web::state::Site;

const NUM_VISITS: &str = "num_visits";
/// Before the slug of a notice that was put away; the value is its digest.
const NOTICE: &str = "notice:";

/// One visitor, during one request.
pub struct Visitor {
    /// `None` when nothing can be known.
    session: Option<Session>,
    /// The store does not answer just now; the page goes on without it, and says so.
    out_of_reach: bool,
    visits: i64,
    preferences: Preferences,
    marks: Marks,
    /// Everybody's.
    notices: Arc<[Notice]>,
    /// The browser asks sites not to track it.
    untracked: bool,
    /// What comes of this request is seen by nobody, or not yet.
    unseen: bool,
}

impl Visitor {
    /// Where only the sessions are out of reach, and nothing is to be kept, a stranger.
    ///
    /// # Errors
    /// When the store does not answer otherwise.
    pub async fn open(request: &HttpRequest) -> Result<Self> {
        match Session::open(request).await {
            Ok(session) => Ok(Self::of(request, session, None).await),
            Err(error) => Self::stranger(request, error).await,
        }
    }

    async fn stranger(request: &HttpRequest, error: OpenError) -> Result<Self> {
        let site = request.app_data::<web::Data<Site>>();
        match (error, site) {
            (OpenError::Store(error), Some(site))
                if site.engine.stands_alone() && request.method().is_safe() =>
            {
                log::warn!("a page without its visitor: {error}");
                let notices = site.notices().await;
                Ok(Self { out_of_reach: true, notices, ..Self::unknown() })
            }
            (error, _) => Err(error.into()),
        }
    }

    /// Counts a view of the movie list. [`Visitor::visits`] is the number before this one; of
    /// views under way together each gets its own. What nobody sees is not counted: `HEAD`, and
    /// what a browser fetches in case it is wanted.
    pub async fn counting(request: &HttpRequest) -> Result<Self> {
        if unseen(request) {
            return Self::open(request).await;
        }
        match Session::open_and_increment(request, NUM_VISITS, 1).await {
            Ok((session, before)) => Ok(Self::of(request, session, Some(before)).await),
            Err(error) => Self::stranger(request, error).await,
        }
    }

    /// Somebody about whom nothing can be known now.
    pub fn unknown() -> Self {
        Self {
            session: None,
            out_of_reach: false,
            visits: 0,
            preferences: Preferences::default(),
            marks: Marks::default(),
            notices: Arc::default(),
            untracked: false,
            unseen: true,
        }
    }

    async fn of(request: &HttpRequest, session: Session, visits: Option<i64>) -> Self {
        let untracked = gpc::opts_out(request);
        let default = Preferences { history: !untracked, ..Preferences::default() };
        let mut marks = Marks::default();
        session.for_each(|key, value| {
            if let Some((mark, film, value)) = Mark::parse(key, value) {
                marks.insert(mark, film, value);
            }
        });
        let notices = match request.app_data::<web::Data<Site>>() {
            Some(site) => site.notices().await,
            None => Arc::default(),
        };
        Self {
            notices,
            visits: visits.or_else(|| session.get(NUM_VISITS).ok().flatten()).unwrap_or(0),
            preferences: Preferences::of(&session, default),
            marks,
            session: Some(session),
            out_of_reach: false,
            untracked,
            unseen: unseen(request),
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

    /// The operator's notices, but for those put away.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        let away = |notice: &Notice| {
            let digest = self.session.as_ref()?.get::<String>(&notice_key(&notice.slug)).ok()??;
            Some(digest == notice.digest)
        };
        self.notices.iter().filter(move |notice| away(notice) != Some(true))
    }

    /// Puts a notice away until it says something else.
    pub fn dismiss(&mut self, notice: &Notice) -> Result<()> {
        Ok(self.session()?.set(&notice_key(&notice.slug), &notice.digest)?)
    }

    /// Whether the browser asks sites not to track it (`Sec-GPC` or `DNT`): then the films that
    /// are opened are recorded only if the visitor wants them to be.
    pub fn untracked(&self) -> bool {
        self.untracked
    }

    /// Whether what is remembered cannot be had just now.
    pub fn is_out_of_reach(&self) -> bool {
        self.out_of_reach
    }

    /// For pages that show nothing but what is remembered.
    ///
    /// # Errors
    /// When that cannot be had just now.
    pub fn in_reach(&self) -> Result<()> {
        if self.out_of_reach { Err(Error::OutOfReach) } else { Ok(()) }
    }

    /// Whether the site remembers anything of anybody.
    pub fn is_remembered(&self) -> bool {
        self.session.as_ref().is_some_and(Session::keeps)
    }

    /// Until when all of it is kept if nothing changes after now.
    pub fn kept_until(&self) -> Option<DateTime<Utc>> {
        self.session.as_ref().map(Session::expiry_date)
    }

    /// Lets all of it live as long as if something had changed now.
    pub fn prolong(&self) {
        if let Some(session) = &self.session
            && !self.unseen
            && !session.is_empty()
        {
            session.mark_modified();
        }
    }

    /// Keeps those whose key was `named`, also what is as before: another request may just have
    /// changed it.
    pub fn prefer(&mut self, wanted: Preferences, named: impl Fn(&str) -> bool) -> Result<()> {
        let values = wanted.values().into_iter();
        self.session()?.update(values.filter(|(key, _)| named(key)))?;
        self.preferences = wanted;
        Ok(())
    }

    fn session(&self) -> Result<&Session> {
        self.session.as_ref().filter(|session| session.keeps()).ok_or(Error::NothingIsKept)
    }
}

fn notice_key(slug: &str) -> String {
    format!("{NOTICE}{slug}")
}

fn unseen(request: &HttpRequest) -> bool {
    let ahead = request.headers().get("sec-purpose");
    let ahead = ahead.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"));
    ahead || request.method() == Method::HEAD
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::open(&request).await })
    }
}
