//! Turning a page struct into HTML.

use std::sync::Arc;

use anyhow::Context as _;
use rust_embed::Embed;
use serde::Serialize;
use tera::{Context, Filter, Kwargs, State, Tera, Value};

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
    visits_text: Hole,
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
            visits_text: Hole::VisitsText,
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
        tera.register_filter("drawing", Drawing);
        tera.register_filter("json", Json);
        let sources = sources.iter().map(|(name, text)| (name.as_ref(), text.as_str()));
        tera.add_raw_templates(sources).context("loading the templates")?;
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

/// Lets SVG that the program drew through unescaped: no text in a drawing comes from the catalogue
/// or a visitor.
struct Drawing;

impl Filter<&str, Value> for Drawing {
    fn call(&self, svg: &str, _: Kwargs, _: &State) -> Value {
        Value::safe_string(svg)
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Lets JSON into a `<script type="application/ld+json">`: what could end that element, or begin a
/// comment in it, is written as JSON's own escapes.
struct Json;

impl Filter<&str, Value> for Json {
    fn call(&self, json: &str, _: Kwargs, _: &State) -> Value {
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        Value::safe_string(&json)
    }

    fn is_safe(&self) -> bool {
        true
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_leave_its_element() {
        let text = "</script><!-- & \u{2028}\"";
        let mut context = Context::new();
        context.insert("text", &serde_json::to_string(text).unwrap());
        let mut tera = Tera::new();
        tera.register_filter("json", Json);
        let json = tera.render_str("{{ text | json }}", &context, true).unwrap();
        assert!(!json.contains(['<', '>', '&']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
