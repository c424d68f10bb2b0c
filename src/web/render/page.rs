//! Turning a page struct into HTML.

use std::sync::Arc;

use anyhow::Context as _;
use rust_embed::Embed;
use serde::Serialize;
use tera::{Context, Tera};

use super::filters;
use super::fragments::Fragments;
use super::placeholder::{Hole, Rendered};
use crate::web::http::assets::Assets;

pub const HTML: &str = "text/html; charset=utf-8";

/// A template together with exactly the data it reads.
pub trait Page: Serialize {
    const TEMPLATE: &'static str;

    /// Whether others are likely to ask for the same page, so that it is worth being compressed for
    /// keeping.
    const PACKED: bool = true;

    /// The film that it is about.
    fn film(&self) -> Option<i32> {
        None
    }
}

/// What `base.html` needs on every page.
#[derive(Serialize)]
struct Shell<'a> {
    theme: Hole,
    visits: Hole,
    seen_films: Hole,
    out_of_reach: Hole,
    watchlist: Hole,
    notices: Hole,
    assets: &'a Assets,
}

impl<'a> Shell<'a> {
    fn new(assets: &'a Assets) -> Self {
        Self {
            theme: Hole::Theme,
            visits: Hole::Visits,
            seen_films: Hole::SeenFilms,
            out_of_reach: Hole::OutOfReach,
            watchlist: Hole::Watchlist,
            notices: Hole::Notices,
            assets,
        }
    }
}

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct Files;

#[derive(Clone)]
pub struct Templates {
    tera: Arc<Tera>,
    assets: Assets,
}

impl Templates {
    /// Parses every template. Bad syntax, or a component, filter or function that does not
    /// exist, stops the start-up.
    pub fn load(assets: Assets) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        for name in Files::iter() {
            let file = Files::get(&name).context("a template vanished while loading")?;
            sources.push((name, String::from_utf8(file.data.into_owned())?));
        }
        let mut tera = Tera::new();
        filters::register(&mut tera);
        let sources = sources.iter().map(|(name, text)| (name.as_ref(), text.as_str()));
        tera.add_raw_templates(sources).context("loading the templates")?;
        Fragments::load(&tera)?;
        Ok(Self { tera: Arc::new(tera), assets })
    }

    /// The page for everybody: what is a visitor's is still open in it.
    pub fn render<P: Page>(&self, page: &P) -> anyhow::Result<Rendered> {
        read(page, &self.write(page)?)
    }

    /// The page with the names of its holes.
    pub fn write<P: Page>(&self, page: &P) -> anyhow::Result<String> {
        let mut context = Context::from_serialize(page).context("serializing the page")?;
        context.insert("shell", &Shell::new(&self.assets));
        self.tera.render(P::TEMPLATE, &context).with_context(rendering::<P>)
    }
}

/// What [`Templates::write`] wrote.
pub fn read<P: Page>(page: &P, html: &str) -> anyhow::Result<Rendered> {
    Rendered::new(html, page.film()).with_context(rendering::<P>)
}

fn rendering<P: Page>() -> String {
    format!("rendering {}", P::TEMPLATE)
}

/// Fails when the template reads a top-level variable that `page` does not have, even in a
/// branch that this page does not take.
#[cfg(test)]
pub fn assert_complete<P: Page>(page: &P) {
    let templates = Templates::load(Assets::load()).unwrap();
    let fields = serde_json::to_value(page).unwrap();
    for variable in templates.tera.get_template_variables(P::TEMPLATE).unwrap() {
        let known = variable == "shell" || fields.get(variable).is_some();
        assert!(known, "{} reads `{variable}`", P::TEMPLATE);
    }
    templates.render(page).unwrap();
}
