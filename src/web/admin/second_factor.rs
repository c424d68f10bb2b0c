//! Codes of an authenticator app, and recovery codes.

use actix_web::HttpResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use qrcode::{Color, QrCode};
use serde::Serialize;

use super::account::load;
use super::{AdminRequest, Form, Message, Operator};
use crate::operators::{self, Totp};
use crate::web::error::{Error, Result};
use crate::web::http::query::Query;
use crate::web::http::redirect;
use crate::web::http::url::escape;
use crate::web::render::page::Page;

/// The session's value for a secret that no code has proved yet. Encrypted.
const SECRET: &str = "second_factor";

#[derive(Serialize)]
struct SecondFactorPage {
    form: Form,
    is_active: bool,
    /// `None` without `SECRET_KEY`.
    secret: Option<ShownSecret>,
}

/// The secret of a new second factor.
#[derive(Serialize)]
struct ShownSecret {
    text: String,
    qr: Option<Drawing>,
}

/// A QR code: a square of `size` modules, and the path of the dark ones.
#[derive(Serialize)]
struct Drawing {
    size: usize,
    path: String,
}

impl Page for SecondFactorPage {
    const TEMPLATE: &'static str = "admin/second_factor.html";
}

/// New recovery codes, shown once.
#[derive(Serialize)]
struct RecoveryCodesPage {
    codes: Vec<String>,
    is_new_factor: bool,
}

impl Page for RecoveryCodesPage {
    const TEMPLATE: &'static str = "admin/recovery_codes.html";
}

pub(super) async fn show(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let shown = second_factor_page(&page, &operator, Form::default(), Totp::generate()).await?;
    page.respond(&shown)
}

pub(super) async fn add(
    operator: Operator,
    page: AdminRequest,
    mut form: Form,
) -> Result<HttpResponse> {
    let keyring = page.admin.logins.keyring();
    let sealed: Option<String> = page.session.get(SECRET).ok().flatten();
    let sealed = sealed.and_then(|sealed| BASE64_STANDARD.decode(sealed).ok());
    let totp = sealed.and_then(|sealed| Totp::open(keyring, operator.id, &sealed));
    let Some(totp) = totp else { return Ok(redirect::to("/admin/account/second-factor")) };
    let conn = &mut page.connection().await?;
    let code = form.text("code").to_owned();
    let actor = operator.actor();
    let added =
        operators::add_second_factor(conn, keyring, operator.id, &totp, &code, &actor).await?;
    let Some(codes) = added else {
        form.problem("code", WrongCode);
        let shown = second_factor_page(&page, &operator, form.without(&["code"]), totp).await?;
        return page.respond_invalid(&shown);
    };
    page.session.delete(SECRET);
    page.respond(&RecoveryCodesPage { codes, is_new_factor: true })
}

/// The code does not belong to the secret and the current time.
#[derive(Debug, thiserror::Error)]
#[error("Enter the six digits that your app shows now")]
struct WrongCode;

pub(super) async fn remove(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    let conn = &mut page.connection().await?;
    operators::remove_second_factor(conn, operator.id, &operator.actor()).await?;
    page.redirect("/admin/account", &Message::SecondFactorRemoved)
}

pub(super) async fn replace_codes(operator: Operator, page: AdminRequest) -> Result<HttpResponse> {
    if !load(&page, &operator).await?.has_second_factor() {
        return Err(Error::NotFound);
    }
    let conn = &mut page.connection().await?;
    let codes = operators::replace_recovery_codes(conn, operator.id, &operator.actor()).await?;
    page.respond(&RecoveryCodesPage { codes, is_new_factor: false })
}

/// Returns the page that offers a secret. The session keeps it until a code proves it.
async fn second_factor_page(
    page: &AdminRequest,
    operator: &Operator,
    form: Form,
    totp: Totp,
) -> Result<SecondFactorPage> {
    let is_active = load(page, operator).await?.has_second_factor();
    let keyring = page.admin.logins.keyring();
    if is_active || !keyring.has_key() {
        return Ok(SecondFactorPage { form, is_active, secret: None });
    }
    let sealed = totp.seal(keyring, operator.id)?;
    page.session.set(SECRET, BASE64_STANDARD.encode(sealed))?;
    let text = totp.to_base32();
    let label = escape(&format!("Marquee:{}", operator.name));
    let query = Query::default().with("secret", &text).with("issuer", "Marquee");
    let qr = draw(&query.at(&format!("otpauth://totp/{label}")));
    Ok(SecondFactorPage { form, is_active, secret: Some(ShownSecret { text, qr }) })
}

/// Draws a QR code with the quiet zone of four modules that scanners need.
fn draw(url: &str) -> Option<Drawing> {
    use std::fmt::Write as _;
    const QUIET: usize = 4;
    let code = QrCode::new(url).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET).ok()?;
        }
    }
    Some(Drawing { size: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::render::page::assert_complete;

    #[test]
    fn template_reads_only_fields_of_the_page() {
        let qr = draw("otpauth://totp/Marquee:ada?secret=A");
        let secret = Some(ShownSecret { text: "A".into(), qr });
        assert_complete(&SecondFactorPage { form: Form::default(), is_active: false, secret });
        assert_complete(&RecoveryCodesPage { codes: vec!["a".into()], is_new_factor: true });
    }
}
