//! The permission table of the admin. The router is built from it: what is not listed does not exist.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Route as Handler, web};

use super::access::Access::{self, Confirmed, Operators, Public};
use super::{
    Admin, access, account, changes, confirm, dashboard, error_page, find, gate, go, login,
    operators, records, second_factor, security, sessions, set_up, trash,
};
use crate::operators::Role::{self, Editor, Owner, Viewer};
use crate::web::http::request_body::MAX_ADMIN_FORM_SIZE;
use crate::web::http::route::Route;

const ALL: &[Role] = &[Owner, Editor, Viewer];
const EDITORS: &[Role] = &[Owner, Editor];
const OWNERS: &[Role] = &[Owner];

/// A row of the table.
pub(crate) struct AdminRoute {
    /// `GET` includes `HEAD`.
    pub(crate) method: Method,
    pub(crate) pattern: &'static str,
    pub(crate) access: Access,
    handler: fn() -> Handler,
}

/// Rows of one path follow each other. Paths are tried in this order.
const ROUTES: &[AdminRoute] = &[
    get("/admin", Operators(ALL), || web::to(dashboard::show)),
    get("/admin/go", Operators(ALL), || web::to(go::edit_page)),
    get("/admin/set-up/{token}", Public, || web::to(set_up::show)),
    post("/admin/set-up/{token}", Public, || web::to(set_up::set_password)),
    get("/admin/login", Public, || web::to(login::show)),
    post("/admin/login", Public, || web::to(login::log_in)),
    get("/admin/login/code", Public, || web::to(login::code::show)),
    post("/admin/login/code", Public, || web::to(login::code::check)),
    post("/admin/logout", Operators(ALL), || web::to(login::log_out)),
    get("/admin/confirm", Operators(ALL), || web::to(confirm::show)),
    post("/admin/confirm", Operators(ALL), || web::to(confirm::confirm)),
    get("/admin/account", Operators(ALL), || web::to(account::show)),
    post("/admin/account", Operators(ALL), || web::to(account::save)),
    get("/admin/account/password", Operators(ALL), || web::to(account::password::show)),
    post("/admin/account/password", Operators(ALL), || web::to(account::password::change)),
    get("/admin/account/second-factor", Confirmed(ALL), || web::to(second_factor::show)),
    post("/admin/account/second-factor", Confirmed(ALL), || web::to(second_factor::add)),
    post("/admin/account/second-factor/remove", Confirmed(ALL), || web::to(second_factor::remove)),
    post("/admin/account/recovery-codes", Confirmed(ALL), || web::to(second_factor::replace_codes)),
    get("/admin/account/sessions", Operators(ALL), || web::to(sessions::list)),
    post("/admin/account/sessions/end-others", Confirmed(ALL), || web::to(sessions::end_others)),
    post("/admin/account/sessions/{sid}/end", Confirmed(ALL), || web::to(sessions::end)),
    get("/admin/operators", Confirmed(OWNERS), || web::to(operators::list)),
    get("/admin/operators/new", Confirmed(OWNERS), || web::to(operators::new)),
    post("/admin/operators/new", Confirmed(OWNERS), || web::to(operators::add)),
    get("/admin/operators/{id}", Confirmed(OWNERS), || web::to(operators::edit::show)),
    post("/admin/operators/{id}", Confirmed(OWNERS), || web::to(operators::edit::save)),
    post("/admin/operators/{id}/link", Confirmed(OWNERS), || web::to(operators::actions::link)),
    post("/admin/operators/{id}/disable", Confirmed(OWNERS), || {
        web::to(operators::actions::disable)
    }),
    post("/admin/operators/{id}/enable", Confirmed(OWNERS), || web::to(operators::actions::enable)),
    post("/admin/operators/{id}/end-sessions", Confirmed(OWNERS), || {
        web::to(operators::actions::end_sessions)
    }),
    post("/admin/operators/{id}/reset-second-factor", Confirmed(OWNERS), || {
        web::to(operators::actions::reset_second_factor)
    }),
    get("/admin/security", Operators(OWNERS), || web::to(security::show)),
];

/// The rows of a kind of records. `{id}` comes after the words that could be one.
macro_rules! rows_of_kind {
    ($kind:literal) => {
        &[
            get(concat!("/admin/", $kind), Operators(ALL), || web::to(records::list::show)),
            get(concat!("/admin/", $kind, "/new"), Operators(EDITORS), || {
                web::to(records::edit::new)
            }),
            post(concat!("/admin/", $kind, "/new"), Operators(EDITORS), || {
                web::to(records::edit::create)
            }),
            get(concat!("/admin/", $kind, "/{id}"), Operators(ALL), || {
                web::to(records::edit::show)
            }),
            post(concat!("/admin/", $kind, "/{id}"), Operators(EDITORS), || {
                web::to(records::edit::update)
            }),
            get(concat!("/admin/", $kind, "/{id}/trash"), Operators(EDITORS), || {
                web::to(records::remove::show)
            }),
            post(concat!("/admin/", $kind, "/{id}/trash"), Operators(EDITORS), || {
                web::to(records::remove::remove)
            }),
            get(concat!("/admin/", $kind, "/{id}/history"), Operators(ALL), || {
                web::to(records::history::show)
            }),
            post(concat!("/admin/", $kind, "/{id}/revert"), Operators(EDITORS), || {
                web::to(records::history::revert_to)
            }),
        ]
    };
}

/// The rows of a kind whose records can be merged and changed together.
macro_rules! rows_of_merges {
    ($kind:literal) => {
        &[
            post(concat!("/admin/", $kind, "/bulk"), Operators(EDITORS), || {
                web::to(records::bulk::run)
            }),
            get(concat!("/admin/", $kind, "/{id}/merge"), Operators(EDITORS), || {
                web::to(records::merge::show)
            }),
            post(concat!("/admin/", $kind, "/{id}/merge"), Operators(EDITORS), || {
                web::to(records::merge::merge)
            }),
        ]
    };
}

/// Rows for records of all kinds.
const RECORDS: &[AdminRoute] = &[
    get("/admin/find", Operators(ALL), || web::to(find::show)),
    get("/admin/suggest", Operators(ALL), || web::to(find::suggest)),
    get("/admin/history", Operators(ALL), || web::to(changes::list)),
    get("/admin/history/{cid}", Operators(ALL), || web::to(changes::show)),
    post("/admin/history/{cid}/revert", Operators(EDITORS), || web::to(changes::undo)),
    get("/admin/trash", Operators(ALL), || web::to(trash::list)),
    get("/admin/trash/{tid}", Operators(ALL), || web::to(trash::show)),
    post("/admin/trash/{tid}/restore", Operators(EDITORS), || web::to(trash::restore)),
    post("/admin/trash/{tid}/purge", Confirmed(OWNERS), || web::to(trash::purge)),
    get("/admin/jobs/{jid}", Operators(ALL), || web::to(records::bulk::job)),
    post("/admin/jobs/{jid}/cancel", Operators(EDITORS), || web::to(records::bulk::cancel)),
    post("/admin/jobs/{jid}/undo", Operators(EDITORS), || web::to(records::bulk::undo)),
];

/// The whole table, in groups.
static GROUPS: &[&[AdminRoute]] = &[
    ROUTES,
    RECORDS,
    rows_of_merges!("films"),
    rows_of_merges!("directors"),
    rows_of_merges!("tags"),
    rows_of_kind!("films"),
    rows_of_kind!("directors"),
    rows_of_kind!("tags"),
    rows_of_kind!("notices"),
];

/// Returns every row.
fn rows() -> impl Iterator<Item = &'static AdminRoute> {
    GROUPS.iter().copied().flatten()
}

/// Returns the rows of each path.
fn paths() -> impl Iterator<Item = &'static [AdminRoute]> {
    GROUPS.iter().flat_map(|group| group.chunk_by(|one, next| one.pattern == next.pattern))
}

const fn get(pattern: &'static str, access: Access, handler: fn() -> Handler) -> AdminRoute {
    AdminRoute { method: Method::GET, pattern, access, handler }
}

const fn post(pattern: &'static str, access: Access, handler: fn() -> Handler) -> AdminRoute {
    AdminRoute { method: Method::POST, pattern, access, handler }
}

impl AdminRoute {
    pub(super) fn accepts(&self, method: &Method) -> bool {
        self.method == method || (self.method == Method::GET && method == Method::HEAD)
    }
}

/// Adds every route of the table.
pub(crate) fn configure(config: &mut web::ServiceConfig, admin: &Admin) {
    let scope = web::scope("/admin")
        .app_data(web::Data::new(admin.clone()))
        .app_data(web::PayloadConfig::new(
            usize::try_from(MAX_ADMIN_FORM_SIZE).unwrap_or(usize::MAX),
        ))
        .configure(add_routes)
        .default_service(web::to(access::unknown))
        .wrap(from_fn(gate::same_origin))
        .wrap(from_fn(error_page::render_errors))
        .wrap(admin.sessions())
        .wrap(from_fn(gate::allow_networks));
    config.service(scope);
}

fn add_routes(config: &mut web::ServiceConfig) {
    for rows in paths() {
        let Some(first) = rows.first() else { continue };
        let path = first.pattern.strip_prefix("/admin").unwrap_or_default();
        let mut resource = web::resource(path).app_data(Route(first.pattern));
        for row in rows {
            resource = resource.route((row.handler)().method(row.method.clone()));
            if row.method == Method::GET {
                resource = resource.route((row.handler)().method(Method::HEAD));
            }
        }
        let authorize = move |request, next| access::authorize(rows, request, next);
        config.service(resource.wrap(from_fn(authorize)));
    }
}

/// Returns whether a path accepts forms that need a session.
pub(super) fn accepts_post(path: &str) -> bool {
    rows()
        .any(|row| row.method == Method::POST && row.access != Public && matches(row.pattern, path))
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut parts, mut pattern) = (path.split('/'), pattern.split('/'));
    pattern.by_ref().all(|expected| {
        parts
            .next()
            .is_some_and(|part| part == expected || (expected.starts_with('{') && !part.is_empty()))
    }) && parts.next().is_none()
}

/// Returns the table as text, one row a line: method, path, roles, and whether the password must have
/// been typed lately.
pub fn table() -> impl Iterator<Item = String> {
    rows().map(|row| {
        let roles = match row.access {
            Public => "anyone".to_owned(),
            access => access.roles().iter().map(|role| role.as_str()).collect::<Vec<_>>().join(","),
        };
        let confirmed = if matches!(row.access, Confirmed(_)) { " confirmed" } else { "" };
        format!("{} {} {roles}{confirmed}", row.method, row.pattern)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_path_follow_each_other_and_differ_in_method() {
        let mut seen = std::collections::BTreeSet::new();
        for rows in paths() {
            assert!(seen.insert(rows[0].pattern), "{} is listed twice", rows[0].pattern);
            assert!(rows.len() == 1 || rows[0].method != rows[1].method, "{}", rows[0].pattern);
        }
    }

    #[test]
    fn held_form_goes_to_a_listed_path_only() {
        for path in
            ["/admin/account", "/admin/operators/7/link", "/admin/films/7", "/admin/tags/bulk"]
        {
            assert!(accepts_post(path), "{path}");
        }
        for path in ["/admin", "/admin/login", "/admin/x", "/movies/x/seen", "/admin/account/"] {
            assert!(!accepts_post(path), "{path}");
        }
    }
}
