//! Pages that are the same for everybody, rendered once and kept in memory while the catalogue
//! stays as it is: those most asked for as they are sent, many more compressed.

mod packed;

use std::sync::Arc;

use actix_web::http::header::{ContentEncoding, Encoding, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use chrono::{Datelike, Utc};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use self::packed::{Packed, Packer};
use super::page::{self, Page};
use super::placeholder::Rendered;
use crate::catalog::index::Index;
use crate::web::error::Result;
use crate::web::http::origin::Origin;
use crate::web::http::representation::preferred_encoding;
use crate::web::state::Site;
use crate::web::visitor::{Preferences, SeenFilms, Theme, Visitor};

/// All that such a page depends on. It needs no visitor but through the preferences.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// Of the catalogue: what was rendered from another one is not found again.
    version: i64,
    /// The front page has a film of the day.
    day: i32,
    origin: String,
    address: String,
    preferences: Preferences,
}

/// The pages in memory.
pub struct Shared {
    pages: Cache<Key, Arc<Rendered>, Size>,
    packer: Packer,
    packed: Cache<Key, Arc<Packed>, Size>,
}

impl Shared {
    /// Room for so many MiB of them. Three tenths of it are for those kept as they are sent.
    pub fn new(mib: u32) -> Self {
        let all = u64::from(mib) << 20;
        let room = all * 3 / 10;
        // About how many there are room for.
        let pages = |room: u64, size| usize::try_from(room / size).unwrap_or(usize::MAX);
        Self {
            pages: Cache::with_weighter(pages(room, 32 << 10), room, Size),
            packer: Packer::default(),
            packed: Cache::with_weighter(pages(all - room, 4 << 10), all - room, Size),
        }
    }
}

#[derive(Clone)]
struct Size;

impl Size {
    fn of(key: &Key, page: usize) -> u64 {
        let bytes = size_of::<Key>() + key.address.len() + key.origin.len() + page;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Weighter<Key, Arc<Rendered>> for Size {
    fn weight(&self, key: &Key, page: &Arc<Rendered>) -> u64 {
        Self::of(key, page.size())
    }
}

impl Weighter<Key, Arc<Packed>> for Size {
    fn weight(&self, key: &Key, page: &Arc<Packed>) -> u64 {
        Self::of(key, page.size())
    }
}

impl Site {
    /// The page at this address, from memory if it was rendered for anybody since the catalogue
    /// changed. Of several requests that miss it at once, one has it made and all get it. `make` may
    /// use address, origin and preferences, and nothing else that this visitor or request has; and
    /// of catalogues the one that it is given, for which the page is kept.
    ///
    /// # Errors
    /// Those of `make`; they are not kept.
    pub(in crate::web) async fn shared<P: Page>(
        &self,
        request: &HttpRequest,
        visitor: &Visitor,
        make: impl AsyncFnOnce(&Arc<Index>) -> Result<P>,
    ) -> Result<Arc<Rendered>> {
        let index = self.catalog.current();
        if !is_for_everybody(visitor) {
            return Ok(Arc::new(self.templates.render(&Box::pin(make(&index)).await?)?));
        }
        let key = Key {
            version: index.version(),
            day: Utc::now().num_days_from_ce(),
            origin: Origin::of(request).to_string(),
            address: request.uri().to_string(),
            // What no page is made by: it stands in holes.
            preferences: Preferences {
                theme: Theme::System,
                history: false,
                keep_seen_listed: false,
                ..visitor.preferences()
            },
        };
        let Shared { pages, packer, packed } = &*self.shared;
        if let Some(page) = pages.get(&key) {
            return Ok(page);
        }
        let render = async {
            if let Some(page) = packed.get(&key) {
                return Ok(Arc::new(page.unpack()?));
            }
            let page = make(&index).await?;
            let html = self.templates.write(&page)?;
            if P::PACKED {
                packed.insert(key.clone(), packer.pack(P::TEMPLATE, &html, page.film())?.into());
            }
            Ok(Arc::new(page::read(&page, &html)?))
        };
        // In a box: requests that find their page do not carry the room that making one needs.
        Box::pin(pages.get_or_insert_async(&key, render)).await
    }

    /// The page for this visitor: nobody else may be shown a stored copy.
    pub(in crate::web) fn send(&self, visitor: &Visitor, page: &Rendered) -> HttpResponse {
        answer().body(page.fill(visitor))
    }

    /// As [`Site::send`], of a page that [`Site::shared`] returned: it need not be compressed again
    /// for each visitor.
    ///
    /// # Errors
    /// When the page cannot be compressed.
    pub(in crate::web) fn send_shared(
        &self,
        request: &HttpRequest,
        visitor: &Visitor,
        page: &Rendered,
    ) -> Result<HttpResponse> {
        let gzip = match preferred_encoding(request, &OFFERED) {
            Some(ContentEncoding::Gzip) if is_for_everybody(visitor) => page.gzip(visitor)?,
            _ => None,
        };
        Ok(match gzip {
            Some(gzip) => answer()
                .insert_header(ContentEncoding::Gzip)
                .insert_header((VARY, "accept-encoding"))
                .body(gzip),
            None => self.send(visitor, page),
        })
    }

    /// The page that [`Site::shared`] finds or has made, for this visitor.
    ///
    /// # Errors
    /// Those of `make`.
    pub(in crate::web) async fn respond_shared<P: Page>(
        &self,
        request: &HttpRequest,
        visitor: &Visitor,
        make: impl AsyncFnOnce(&Arc<Index>) -> Result<P>,
    ) -> Result<HttpResponse> {
        let page = self.shared(request, visitor, make).await?;
        self.send_shared(request, visitor, &page)
    }
}

const OFFERED: [Encoding; 2] = [Encoding::gzip(), Encoding::identity()];

/// A list without the films that its visitor has seen is for nobody else.
fn is_for_everybody(visitor: &Visitor) -> bool {
    visitor.preferences().seen_films != SeenFilms::Hide
}

fn answer() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.content_type(page::HTML).insert_header(("Cache-Control", "private, no-cache"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_memory_is_given_out() {
        let Shared { pages, packed, .. } = Shared::new(20);
        // Each is divided among shards, and rounded.
        let given = pages.capacity() + packed.capacity();
        assert!((20 << 20..=21 << 20).contains(&given), "{given}");
        assert!(pages.capacity() > 0 && packed.capacity() > pages.capacity());
    }
}
