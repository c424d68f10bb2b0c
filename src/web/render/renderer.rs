//! Responds with pages.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentEncoding, Encoding, HeaderValue, VARY};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use anyhow::Context as _;
use prometheus_client::registry::Registry;

use super::notices::Notices;
use super::page::{HTML, Page, Templates};
use super::page_cache::{PageCache, Rendered};
use super::page_context::PageContext;
use super::page_template::PageTemplate;
use super::placeholder::{Notice, Values};
use crate::catalog::index::Catalog;
use crate::catalog::read_pool::ReadPool;
use crate::web::error::{Error, Result};
use crate::web::http::cache_policy::CachePolicy;
use crate::web::http::query::Parameter;
use crate::web::http::representation::preferred_encoding;
use crate::web::visitor::{self, Visitor};

const SPECULATION_RULES: &str = "js/speculation-rules.json";

const OFFERED: [Encoding; 2] = [Encoding::gzip(), Encoding::identity()];

/// A page that is the same for every visitor but for its placeholders.
pub(crate) trait CachedPage: Page + Sized {
    /// The arguments from the path. They must not depend on the visitor.
    type Arguments;

    /// The query parameters that the page understands; it never sees others.
    const PARAMETERS: &'static [&'static [Parameter]];

    /// Whether other visitors are likely to request the page again, so that a compressed copy is
    /// worth its memory.
    const COMPRESS: bool = true;

    /// Returns whether to cache the page. There is no end of pages about values that no film has.
    fn is_cacheable(&self) -> bool {
        true
    }

    /// Makes the page from the context and the catalog alone.
    async fn build(
        context: &PageContext,
        reads: &ReadPool,
        arguments: Self::Arguments,
    ) -> Result<Self>;
}

/// Everything that pages are rendered with.
pub(crate) struct Renderer {
    templates: Templates,
    notices: Notices,
    cache: PageCache,
    catalog: Catalog,
    reads: ReadPool,
    /// The `Speculation-Rules` header: which links browsers may load ahead.
    speculation_rules: HeaderValue,
}

impl Renderer {
    /// `cache_size` is in MiB.
    ///
    /// # Errors
    /// When the file of speculation rules is missing.
    pub(crate) fn new(
        templates: Templates,
        catalog: Catalog,
        reads: ReadPool,
        cache_size: u32,
    ) -> anyhow::Result<Self> {
        let notices = Notices::new(templates.clone(), catalog.clone(), reads.clone());
        let rules = templates.assets().href(SPECULATION_RULES).context(SPECULATION_RULES)?;
        let speculation_rules = HeaderValue::try_from(format!("\"{rules}\""))?;
        let cache = PageCache::new(cache_size);
        Ok(Self { templates, notices, cache, catalog, reads, speculation_rules })
    }

    /// Adds the metrics of the page cache.
    pub(crate) fn register_metrics(&self, registry: &mut Registry) {
        self.cache.register(registry);
    }

    /// Returns the active notices.
    pub(crate) async fn notices(&self) -> Arc<[Notice]> {
        self.notices.current().await
    }

    /// Renders a page that depends on nothing else.
    pub(super) fn render(&self, page: &impl Page) -> anyhow::Result<PageTemplate> {
        self.templates.render(page)
    }

    async fn cached<P: CachedPage>(
        &self,
        context: &PageContext,
        arguments: P::Arguments,
    ) -> Result<Arc<PageTemplate>> {
        let Some(key) = context.cache_key() else {
            // Boxed, as in the cache.
            let page = Box::pin(P::build(context, &self.reads, arguments)).await?;
            return Ok(Arc::new(self.templates.render(&page)?));
        };
        let render = async {
            let page = P::build(context, &self.reads, arguments).await?;
            let html = self.templates.write(&page)?;
            Ok(Rendered {
                template: P::TEMPLATE,
                html,
                film: page.film(),
                cache: page.is_cacheable(),
                compress: P::COMPRESS,
            })
        };
        self.cache.get_or_render(key, render).await
    }
}

/// A visitor's request for a page.
pub(crate) struct PageRequest {
    pub(crate) visitor: Visitor,
    pub(crate) request: HttpRequest,
    renderer: web::Data<Renderer>,
}

impl PageRequest {
    fn new(request: &HttpRequest, visitor: Visitor) -> Result<Self> {
        let renderer = request.app_data::<web::Data<Renderer>>().cloned();
        let renderer = renderer.context("the renderer is not configured")?;
        Ok(Self { visitor, request: request.clone(), renderer })
    }

    /// Opens the visitor's session and counts a view of the movie list.
    ///
    /// # Errors
    /// When the session store is unavailable.
    pub(crate) async fn counting_visit(request: &HttpRequest) -> Result<Self> {
        Self::new(request, Visitor::counting_visit(request).await?)
    }

    /// Returns the input of a cached page.
    pub(crate) fn context(&self, parameters: &[&[Parameter]]) -> PageContext {
        let index = self.renderer.catalog.current();
        PageContext::new(&self.request, &self.visitor, index, parameters)
    }

    /// Returns the active notices, dismissed or not.
    pub(crate) async fn notices(&self) -> Arc<[Notice]> {
        self.renderer.notices().await
    }

    /// Returns the page from the cache, or renders it.
    ///
    /// # Errors
    /// Those of [`CachedPage::build`].
    pub(crate) async fn cached<P: CachedPage>(
        &self,
        arguments: P::Arguments,
    ) -> Result<Arc<PageTemplate>> {
        self.renderer.cached::<P>(&self.context(P::PARAMETERS), arguments).await
    }

    /// Responds with a cached page.
    ///
    /// # Errors
    /// Those of [`CachedPage::build`].
    pub(crate) async fn respond_cached<P: CachedPage>(
        &self,
        arguments: P::Arguments,
    ) -> Result<HttpResponse> {
        self.send(StatusCode::OK, &*self.cached::<P>(arguments).await?).await
    }

    /// Responds with a page of this visitor's own.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub(crate) async fn respond<P: Page>(&self, page: &P) -> Result<HttpResponse> {
        self.respond_with(StatusCode::OK, page).await
    }

    /// Responds like [`PageRequest::respond`], with another status.
    ///
    /// # Errors
    /// When the page cannot be rendered.
    pub(crate) async fn respond_with<P: Page>(
        &self,
        status: StatusCode,
        page: &P,
    ) -> Result<HttpResponse> {
        self.send(status, &self.renderer.render(page)?).await
    }

    /// Responds with a rendered page, filled for the visitor.
    ///
    /// # Errors
    /// When the page cannot be compressed.
    pub(crate) async fn send(
        &self,
        status: StatusCode,
        page: &PageTemplate,
    ) -> Result<HttpResponse> {
        let values = Values { visitor: &self.visitor, notices: self.notices().await };
        let gzip = match preferred_encoding(&self.request, &OFFERED) {
            Some(ContentEncoding::Gzip) => page.fill_gzip(&values)?,
            _ => None,
        };
        let mut response = HttpResponse::build(status);
        response.content_type(HTML).insert_header(CachePolicy::Private);
        if visitor::is_prefetch(&self.request) {
            // Scripts can read it: `static/js/site.js` reports the page once it is shown.
            response.insert_header(("Server-Timing", "ahead"));
        } else if status.is_success() {
            response.insert_header(("Speculation-Rules", self.renderer.speculation_rules.clone()));
        }
        Ok(match gzip {
            Some(gzip) => response
                .insert_header(ContentEncoding::Gzip)
                .insert_header((VARY, "accept-encoding"))
                .body(gzip),
            None => response.body(page.fill(&values)),
        })
    }
}

impl FromRequest for PageRequest {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::new(&request, Visitor::open(&request).await?) })
    }
}
