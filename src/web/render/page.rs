//! Page structs and their templates.

use std::sync::Arc;

use anyhow::Context as _;
use rust_embed::Embed;
use serde::Serialize;
use tera::{Context, Tera};

use super::filters;
use super::fragments::Fragments;
use super::page_template::PageTemplate;
use super::placeholder::Placeholder;
use crate::web::http::assets::Assets;

pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// The data of one template: exactly what it reads.
pub(crate) trait Page: Serialize {
    const TEMPLATE: &'static str;

    /// Returns the id of the movie that the page is about.
    fn film(&self) -> Option<i32> {
        None
    }
}

/// The data of `base.html`, for every page.
#[derive(Serialize)]
struct Shell<'a> {
    theme: Placeholder,
    visits: Placeholder,
    seen_films: Placeholder,
    session_unavailable: Placeholder,
    watchlist: Placeholder,
    notices: Placeholder,
    assets: &'a Assets,
}

impl<'a> Shell<'a> {
    fn new(assets: &'a Assets) -> Self {
        Self {
            theme: Placeholder::Theme,
            visits: Placeholder::Visits,
            seen_films: Placeholder::SeenFilms,
            session_unavailable: Placeholder::SessionUnavailable,
            watchlist: Placeholder::Watchlist,
            notices: Placeholder::Notices,
            assets,
        }
    }
}

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct Files;

#[derive(Clone)]
pub(crate) struct Templates {
    tera: Arc<Tera>,
    assets: Assets,
}

impl Templates {
    /// Parses every template.
    ///
    /// # Errors
    /// On invalid syntax and on unknown components, filters and functions.
    pub(crate) fn load(assets: Assets) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        for name in Files::iter() {
            let file = Files::get(&name).context("a template was removed while loading")?;
            sources.push((name, String::from_utf8(file.data.into_owned())?));
        }
        let mut tera = Tera::new();
        filters::register(&mut tera);
        let sources = sources.iter().map(|(name, text)| (name.as_ref(), text.as_str()));
        tera.add_raw_templates(sources).context("loading the templates")?;
        Fragments::load(&tera)?;
        Ok(Self { tera: Arc::new(tera), assets })
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Renders a page.
    ///
    /// # Errors
    /// When the template fails or misuses a placeholder.
    pub(crate) fn render<P: Page>(&self, page: &P) -> anyhow::Result<PageTemplate> {
        PageTemplate::new(&self.write(page)?, page.film()).with_context(rendering::<P>)
    }

    /// Returns the output of the template, with the names of placeholders in it.
    ///
    /// # Errors
    /// When the template fails.
    pub(crate) fn write<P: Page>(&self, page: &P) -> anyhow::Result<String> {
        self.write_with(page, "shell", &Shell::new(&self.assets))
    }

    /// Returns the output of the template, which also reads `shell` under the name `name`.
    ///
    /// # Errors
    /// When the template fails.
    pub(crate) fn write_with<P: Page>(
        &self,
        page: &P,
        name: &'static str,
        shell: &impl Serialize,
    ) -> anyhow::Result<String> {
        let mut context = Context::from_serialize(page).context("serializing the page")?;
        context.insert(name, shell);
        self.tera.render(P::TEMPLATE, &context).with_context(rendering::<P>)
    }
}

fn rendering<P: Page>() -> String {
    format!("rendering {}", P::TEMPLATE)
}

/// Panics if the template reads a top-level variable that `page` does not have, even in a branch
/// that this page does not take.
#[cfg(test)]
pub(crate) fn assert_complete<P: Page>(page: &P) {
    let templates = Templates::load(Assets::load()).unwrap();
    let fields = serde_json::to_value(page).unwrap();
    for variable in templates.tera.get_template_variables(P::TEMPLATE).unwrap() {
        let known = ["shell", "admin"].contains(&variable) || fields.get(variable).is_some();
        assert!(known, "{} reads `{variable}`", P::TEMPLATE);
    }
    if !P::TEMPLATE.starts_with("admin/") {
        templates.render(page).unwrap();
    }
}
