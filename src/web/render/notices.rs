//! The operator's notices, at the head of every page until the visitor puts them away.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::page::Page;
use crate::catalog::notices;
use crate::web::error::Result;
use crate::web::state::Site;

/// A notice as every visitor who has not put it away sees it.
#[derive(Debug)]
pub struct Notice {
    pub slug: String,
    /// Differs when level or text do: what a session keeps of a notice that was put away.
    pub digest: String,
    pub html: String,
}

#[derive(Serialize)]
struct NoticePart {
    slug: String,
    warning: bool,
    text: String,
}

impl Page for NoticePart {
    const TEMPLATE: &'static str = "notice.html";
}

/// The active notices, and the version of the catalogue that they belong to.
#[derive(Clone, Default)]
pub struct Notices(Arc<Mutex<(i64, Arc<[Notice]>)>>);

impl Notices {
    fn get(&self) -> (i64, Arc<[Notice]>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Site {
    /// The notices to show now; read again when the catalogue has changed. When that fails, those
    /// from before are shown: no page fails for want of a notice.
    pub(in crate::web) async fn notices(&self) -> Arc<[Notice]> {
        let version = self.catalog.current().version();
        let (of, notices) = self.notices.get();
        if of == version {
            return notices;
        }
        match self.read_notices().await {
            Ok(read) => {
                let read: Arc<[Notice]> = read.into();
                let mut kept = self.notices.0.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.0 < version {
                    *kept = (version, Arc::clone(&read));
                }
                read
            }
            Err(error) => {
                log::warn!("the notices stay as they were: {error}");
                notices
            }
        }
    }

    async fn read_notices(&self) -> Result<Vec<Notice>> {
        let conn = &mut self.pool.get().await?;
        let notices = notices::list(conn).await?.into_iter().filter(|notice| notice.active);
        notices.map(|notice| self.shown(notice)).collect()
    }

    fn shown(&self, notice: notices::Notice) -> Result<Notice> {
        let notices::Notice { slug, level, text, .. } = notice;
        let digest: [u8; 32] = Sha256::digest(format!("{level} {text}")).into();
        let digest = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let part = NoticePart { slug: slug.clone(), warning: level == "warning", text };
        let html = self.templates.render(&part)?.for_nobody()?;
        Ok(Notice { slug, digest, html })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn the_template_reads_only_what_the_notice_has() {
        assert_complete(&NoticePart { slug: "a".into(), warning: true, text: "<b>".into() });
    }
}
