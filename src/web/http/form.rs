//! Forms with typed fields.

use actix_web::error::QueryPayloadError;
use actix_web::web;
use serde::de::DeserializeOwned;

use crate::web::error::{Error, Result};

/// Parses the body of a form. An empty body is a form without fields.
///
/// # Errors
/// [`Error::InvalidForm`] with the field that is missing or invalid.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let form = web::Query::from_query(&String::from_utf8_lossy(body));
    form.map(web::Query::into_inner).map_err(|error| match error {
        QueryPayloadError::Deserialize(error) => Error::InvalidForm(error.to_string()),
        error => Error::InvalidForm(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Rating {
        stars: u8,
    }

    #[test]
    fn form_names_a_missing_or_invalid_field() {
        let problem = |body: &[u8]| parse::<Rating>(body).unwrap_err().to_string();
        assert_eq!(parse::<Rating>(b"at=x&stars=4").unwrap().stars, 4);
        assert_eq!(problem(b""), "invalid form: missing field `stars`");
        assert!(problem(b"stars=x").contains("invalid digit"));
        assert!(problem(b"stars=\xff").starts_with("invalid form: "));
    }
}
