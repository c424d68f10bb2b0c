//! The first page after login.

use actix_web::HttpResponse;
use serde::Serialize;

use super::login::LOGIN_EVENT;
use super::{AdminRequest, Operator};
use crate::operators::{self, LastLogin};
use crate::web::error::Result;
use crate::web::render::page::Page;

#[derive(Serialize)]
struct DashboardPage {
    films: usize,
    people: usize,
    tags: usize,
    /// `None` at the first login.
    last_login: Option<LastLogin>,
}

impl Page for DashboardPage {
    const TEMPLATE: &'static str = "admin/dashboard.html";
}

pub(super) async fn show(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let index = page.admin.catalog.current();
    let current: i64 = page.session.get(LOGIN_EVENT).ok().flatten().unwrap_or_default();
    let conn = &mut page.connection().await?;
    page.respond(&DashboardPage {
        films: index.len(),
        people: index.num_people(),
        tags: index.tag_ids().count(),
        last_login: operators::last_login(conn, operator.id, current).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let last_login = LastLogin { at: chrono::Utc::now(), network: None, failures: 2 };
        let last_login = Some(last_login);
        assert_complete(&DashboardPage { films: 1, people: 1, tags: 1, last_login });
    }
}
