//! Template filters: formats of numbers and dates, and raw output.

use chrono::{DateTime, NaiveDate, Utc};
use tera::{Filter, Kwargs, State, Tera, TeraResult, Value};

use super::format::grouped;

pub(crate) fn register(tera: &mut Tera) {
    tera.register_filter("drawing", Drawing);
    tera.register_filter("json", Json);
    tera.register_filter("number", |number: i64, _: Kwargs, _: &State| grouped(number));
    tera.register_filter("date", date);
    tera.register_filter("datetime", datetime);
}

/// Formats an ISO 8601 date as "24 November 2026".
fn date(date: &str, _: Kwargs, _: &State) -> TeraResult<String> {
    let date: NaiveDate = date.parse().map_err(|error| tera::Error::message(format!("{error}")))?;
    Ok(date.format("%-d %B %Y").to_string())
}

/// Formats an RFC 3339 time as "24 November 2026, 14:05 UTC".
fn datetime(time: &str, _: Kwargs, _: &State) -> TeraResult<String> {
    let time: DateTime<Utc> =
        time.parse().map_err(|error| tera::Error::message(format!("{error}")))?;
    Ok(time.format("%-d %B %Y, %H:%M UTC").to_string())
}

/// Prints an SVG drawing of the program unescaped. No text in it comes from the catalogue or from
/// a visitor.
struct Drawing;

impl Filter<&str, Value> for Drawing {
    fn call(&self, svg: &str, _: Kwargs, _: &State) -> Value {
        Value::safe_string(svg)
    }

    fn is_safe(&self) -> bool {
        true
    }
}

/// Prints JSON in a `<script type="application/ld+json">`. Escapes what could end that element or
/// begin a comment in it.
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

#[cfg(test)]
mod tests {
    use tera::Context;

    use super::*;

    #[test]
    fn json_cannot_leave_its_element() {
        let text = "</script><!-- & \u{2028}\"";
        let mut context = Context::new();
        context.insert("text", &serde_json::to_string(text).unwrap());
        let mut tera = Tera::new();
        register(&mut tera);
        let json = tera.render_str("{{ text | json }}", &context, true).unwrap();
        assert!(!json.contains(['<', '>', '&']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn numbers_and_dates_are_formatted_for_readers() {
        let mut tera = Tera::new();
        register(&mut tera);
        let mut context = Context::new();
        context.insert("count", &1312);
        context.insert("day", &NaiveDate::from_ymd_opt(2026, 11, 4));
        context.insert("time", &DateTime::from_timestamp(0, 0));
        let template = "{{ count | number }} {{ day | date }} {{ time | datetime }}";
        let text = tera.render_str(template, &context, true).unwrap();
        assert_eq!(text, "1,312 4 November 2026 1 January 1970, 00:00 UTC");
    }
}
