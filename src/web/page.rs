//! Turning a page struct into HTML.

use std::sync::Arc;

use anyhow::Context as _;
use rust_embed::Embed;
use serde::Serialize;
use tera::{Context, Filter, Kwargs, State, Tera, Value};

use super::assets::Assets;
use super::number::grouped;
use super::visitor::Visitor;

pub const HTML: &str = "text/html; charset=utf-8";

/// A template together with exactly the data it reads.
pub trait Page: Serialize {
    const TEMPLATE: &'static str;
}

/// What `base.html` needs on every page.
#[derive(Serialize)]
pub struct Shell<'a> {
    /// `light` or `dark`; `system` leaves it to the browser.
    theme: &'static str,
    visits: i64,
    visits_text: String,
    assets: &'a Assets,
}

impl<'a> Shell<'a> {
    pub fn new(visitor: &Visitor, assets: &'a Assets) -> Self {
        let visits = visitor.visits();
        let visits_text = match visits {
            ..=0 => "not yet".to_owned(),
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            many => format!("{} times", grouped(many)),
        };
        Self { theme: visitor.preferences().theme.as_str(), visits, visits_text, assets }
    }
}

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
struct Files;

#[derive(Clone)]
pub struct Templates(Arc<Tera>);

impl Templates {
    /// Parses every template. Bad syntax, or a component, filter or function that does not
    /// exist, stops the start-up.
    pub fn load() -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        for name in Files::iter() {
            let file = Files::get(&name).context("a template vanished while loading")?;
            sources.push((name, String::from_utf8(file.data.into_owned())?));
        }
        let mut tera = Tera::new();
        tera.register_filter("drawing", Drawing);
        let sources = sources.iter().map(|(name, text)| (name.as_ref(), text.as_str()));
        tera.add_raw_templates(sources).context("loading the templates")?;
        Ok(Self(Arc::new(tera)))
    }

    pub fn render<P: Page>(&self, page: &P, shell: &Shell<'_>) -> anyhow::Result<String> {
        let mut context = Context::from_serialize(page).context("serializing the page")?;
        context.insert("shell", shell);
        self.0.render(P::TEMPLATE, &context).with_context(|| format!("rendering {}", P::TEMPLATE))
    }
}

/// Lets the SVG that `crate::art` drew through unescaped. It is the only filter that does, and
/// nothing in a drawing comes from the catalogue or a visitor.
struct Drawing;

impl Filter<&str, Value> for Drawing {
    fn call(&self, svg: &str, _: Kwargs, _: &State) -> Value {
        Value::safe_string(svg)
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Fails when the template reads a top-level variable that `page` does not have, even in a
/// branch that this page does not take.
#[cfg(test)]
pub fn assert_complete<P: Page>(page: &P) {
    let templates = Templates::load().unwrap();
    let fields = serde_json::to_value(page).unwrap();
    for variable in templates.0.get_template_variables(P::TEMPLATE).unwrap() {
        let known = variable == "shell" || fields.get(variable).is_some();
        assert!(known, "{} reads `{variable}`", P::TEMPLATE);
    }
    let visits_text = "once".to_owned();
    let assets = &Assets::load();
    let shell = Shell { theme: "system", visits: 1, visits_text, assets };
    templates.render(page, &shell).unwrap();
}
