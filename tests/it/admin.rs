//! The admin as operators use it, and as others try to.

mod access;
mod accounts;
mod commands;
mod held;
mod limits;
mod login;
mod passwords;
mod records;
mod second_factor;
mod sessions;

use marquee::operators::{self, Actor, Role};
use reqwest::Method;

use crate::support::{Response, TestApp, connect};

/// Accepted for every operator of the tests.
pub const PASSWORD: &str = "mottled quay vexing plinth";

/// The browser of an operator.
pub struct OperatorBrowser(pub TestApp);

impl OperatorBrowser {
    pub async fn get(&self, path: &str) -> Response {
        self.0.get(path).await
    }

    /// Sends a form of this site.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.0.request(Method::POST, path).header("Origin", &self.0.address);
        self.0.send(request.form(form)).await
    }

    pub async fn log_in(&self, name: &str, password: &str) -> Response {
        self.post("/admin/login", &[("name", name), ("password", password)]).await
    }

    /// Whether the browser is logged in.
    pub async fn is_logged_in(&self) -> bool {
        self.get("/admin/account").await.status == 200
    }

    /// Another browser without cookies at the same site.
    pub fn other(&self) -> Self {
        Self(self.0.other_visitor())
    }
}

/// Adds an operator without a password, and returns the path of the link to set one.
pub async fn add(app: &TestApp, name: &str, role: Role) -> String {
    let conn = &mut connect(&app.database).await;
    let actor = Actor::command_line("test");
    let (_, token) = operators::add(conn, name, "", Some(role), &actor).await.unwrap();
    format!("/admin/set-up/{}", token.as_str())
}

/// Adds an operator, sets the password and returns the browser that is logged in.
pub async fn operator(app: &TestApp, name: &str, role: Role) -> OperatorBrowser {
    let link = add(app, name, role).await;
    let browser = OperatorBrowser(app.other_visitor());
    let form = [("password", PASSWORD), ("password_again", PASSWORD)];
    let response = browser.post(&link, &form).await;
    assert_eq!(
        (response.status, response.header("location")),
        (303, "/admin"),
        "{}",
        response.html
    );
    browser
}

/// Makes every operator's last password older than ten minutes.
pub async fn forget_confirmations(app: &TestApp) {
    rewrite_sessions(app, "\"confirmed_at\":\\d+", "\"confirmed_at\":0").await;
}

/// Replaces what matches in the stored session of every operator.
pub async fn rewrite_sessions(app: &TestApp, pattern: &str, replacement: &str) {
    app.execute(&format!(
        "UPDATE operator_sessions SET record = convert_to(regexp_replace( \
         convert_from(record, 'UTF8'), '{pattern}', '{replacement}'), 'UTF8')"
    ))
    .await;
}
