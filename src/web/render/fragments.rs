//! Pieces of HTML that placeholders insert, rendered from templates once.

use std::sync::OnceLock;

use anyhow::Context as _;
use tera::{Context, Tera};

static FRAGMENTS: OnceLock<Fragments> = OnceLock::new();

/// A number of visits that stands for any other one in the rendered template.
const SAMPLE: i64 = 9_876_543_210;

#[derive(Debug)]
pub(crate) struct Fragments {
    unknown_visits: String,
    no_visits: String,
    one_visit: String,
    /// The text before, between and after the number as an attribute and as text.
    many_visits: [String; 3],
    session_unavailable: String,
}

impl Fragments {
    /// Renders the fragments, once in a process.
    ///
    /// # Errors
    /// If a template fails, or does not show the number of visits as expected.
    pub(crate) fn load(tera: &Tera) -> anyhow::Result<()> {
        let visits = |visits: Option<i64>| {
            let mut context = Context::new();
            context.insert("visits", &visits);
            let html = tera.render("fragments/visits.html", &context);
            html.map(|html| html.trim().to_owned()).context("rendering the visit counter")
        };
        let many = visits(Some(SAMPLE))?;
        let (before, rest) = many.split_once(&SAMPLE.to_string()).context("no number of visits")?;
        let number = super::format::grouped(SAMPLE);
        let (between, after) = rest.split_once(&number).context("no readable number of visits")?;
        let unavailable = tera.render("fragments/session_unavailable.html", &Context::new());
        let fragments = Self {
            unknown_visits: visits(None)?,
            no_visits: visits(Some(0))?,
            one_visit: visits(Some(1))?,
            many_visits: [before, between, after].map(str::to_owned),
            session_unavailable: unavailable.context("rendering the session notice")?,
        };
        FRAGMENTS.get_or_init(|| fragments);
        Ok(())
    }

    fn get() -> Option<&'static Self> {
        FRAGMENTS.get()
    }
}

/// Writes how often the visitor opened the film list; `None` if that is unknown.
pub(crate) fn write_visits(visits: Option<i64>, html: &mut String) {
    let Some(fragments) = Fragments::get() else { return };
    match visits {
        None => html.push_str(&fragments.unknown_visits),
        Some(..=0) => html.push_str(&fragments.no_visits),
        Some(1) => html.push_str(&fragments.one_visit),
        Some(visits) => {
            let [before, between, after] = &fragments.many_visits;
            let (number, text) = (visits.to_string(), super::format::grouped(visits));
            html.extend([before, &number, between, &text, after].map(String::as_str));
        }
    }
}

/// Writes that the visitor's session cannot be read.
pub(crate) fn write_session_unavailable(html: &mut String) {
    if let Some(fragments) = Fragments::get() {
        html.push_str(&fragments.session_unavailable);
    }
}
