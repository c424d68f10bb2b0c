//! Dates and years as people and programs write them.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::Code;
use crate::catalog::fold::fold;

/// From the forerunners of Roundhay Garden Scene to any announced film.
pub const YEARS: RangeInclusive<i64> = 1870..=2199;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParsedDate {
    Day(NaiveDate),
    /// Only the year is certain. The code says why, where something else was written.
    Year(i64, Option<Code>),
    Unknown(Code),
}

/// Months by the first letters of their names in English, German, French, Spanish and Italian.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fev"],
    &["mar", "maerz"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott"],
    &["nov"],
    &["dec", "dez", "dic"],
];

/// Parses a date in `format`, else in ISO 8601 or, without a format, in any common form.
pub fn parse(text: &str, format: Option<&str>) -> ParsedDate {
    let text = text.trim().trim_start_matches('+');
    if let Some(format) = format {
        if let Ok(date) = NaiveDate::parse_and_remainder(text, format) {
            return ParsedDate::Day(date.0);
        }
        return match iso(text) {
            Some(date @ ParsedDate::Day(_)) => date,
            _ => ParsedDate::Unknown(Code::NotADate),
        };
    }
    iso(text).or_else(|| with_month_name(text)).or_else(|| numeric(text)).unwrap_or_else(|| {
        match only_year(text) {
            Some(year) => ParsedDate::Year(year, Some(Code::IncompleteDate)),
            None => ParsedDate::Unknown(Code::NotADate),
        }
    })
}

/// Parses a year: alone, in brackets, of a date, or the first of a span.
///
/// # Errors
/// A value without a certain year.
pub fn parse_year(text: &str) -> Result<(i64, Option<Code>), Code> {
    let text = text.trim();
    let bare = text.trim_matches(['(', ')', '[', ']']).trim();
    let whole = [".0", ",0", ".00"].iter().find_map(|zero| bare.strip_suffix(zero)).unwrap_or(bare);
    if let Ok(year) = whole.parse::<i64>()
        && !whole.starts_with('+')
    {
        return in_range(year).map(|year| (year, None));
    }
    if let Some((first, last)) = bare.split_once(['-', '–', '—', '/'])
        && let (Some(first), last) = (four_digits(first.trim()), last.trim())
        && (last.is_empty() || four_digits(last).is_some() || is_two_digits_after(first, last))
    {
        return in_range(first).map(|year| (year, Some(Code::YearSpan)));
    }
    match iso(bare).or_else(|| with_month_name(bare)).or_else(|| numeric(bare)) {
        Some(ParsedDate::Day(date)) => return in_range(date.year().into()).map(|y| (y, None)),
        Some(ParsedDate::Year(year, _)) => return in_range(year).map(|year| (year, None)),
        Some(ParsedDate::Unknown(_)) | None => {}
    }
    let year = only_year(bare).ok_or(Code::NotAYear)?;
    Ok((year, Some(Code::YearExtracted)))
}

/// Whether `1999/03` or `1999-12` may mean a span of years: the second number is greater and no month.
fn is_two_digits_after(first: i64, last: &str) -> bool {
    let last: Option<i64> = (last.len() == 2).then(|| last.parse().ok()).flatten();
    last.is_some_and(|last| last > 12 && last > first % 100)
}

fn in_range(year: i64) -> Result<i64, Code> {
    if YEARS.contains(&year) { Ok(year) } else { Err(Code::NotAYear) }
}

/// `1999-05-01` and its kin, year first: with other signs, without zeros, with a time or a note after
/// it, without day or month, or as `19990501`.
fn iso(text: &str) -> Option<ParsedDate> {
    let (year, rest) = text.split_at_checked(4)?;
    let year = four_digits(year)?;
    if rest.is_empty() {
        return Some(ParsedDate::Year(year, None));
    }
    if rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(day(year, &rest[..2], &rest[2..]));
    }
    let rest = rest.strip_prefix(['-', '/', '.', '年'])?;
    let (month, rest) = leading_digits(rest);
    if !(1..=2).contains(&month.len()) {
        return None;
    }
    let rest = match rest.strip_prefix(['-', '/', '.', '月']) {
        Some(rest) => rest,
        None if rest.trim().is_empty() => "",
        None => return None,
    };
    let (number, rest) = leading_digits(rest);
    let ends = |letter: char| matches!(letter, 'T' | 't' | '日' | '(') || letter.is_whitespace();
    if number.len() > 2 || !(rest.is_empty() || rest.starts_with(ends)) {
        return None;
    }
    Some(day(year, month, number))
}

/// The day, or only the year where month or day is 0 or missing.
fn day(year: i64, month: &str, day: &str) -> ParsedDate {
    let number = |text: &str| text.parse::<u32>().unwrap_or_default();
    let (month, day) = (number(month), number(day));
    if month == 0 {
        return ParsedDate::Year(year, None);
    }
    let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    date.map_or(ParsedDate::Year(year, Some(Code::IncompleteDate)), ParsedDate::Day)
}

/// `1 May 1999`, `May 1, 1999`, `Sat, 01 May 1999 00:00:00 GMT`, `1-May-1999`.
fn with_month_name(text: &str) -> Option<ParsedDate> {
    let text = without_time(text);
    let month = words(text).find_map(|word| {
        let word = fold(word);
        let starts = |names: &[&str]| names.iter().any(|name| word.starts_with(name));
        MONTHS.iter().position(|names| starts(names))
    })? + 1;
    let numbers: Vec<&str> = numbers(text).collect();
    let year = numbers.iter().filter_map(|number| four_digits(number)).collect::<Vec<_>>();
    let days: Vec<&str> = numbers.iter().copied().filter(|number| number.len() <= 2).collect();
    match (year.as_slice(), days.as_slice()) {
        ([year], [number]) => Some(day(*year, &month.to_string(), number)),
        ([year], []) => Some(ParsedDate::Year(*year, Some(Code::IncompleteDate))),
        ([], [_, _]) => Some(ParsedDate::Unknown(Code::TwoDigitYear)),
        _ => None,
    }
}

/// `31.12.1999` (day first, as wherever dots are written), `31/12/1999`, `12/31/1999`.
fn numeric(text: &str) -> Option<ParsedDate> {
    let text = without_time(text).trim();
    let separator = text.chars().find(|letter| !letter.is_ascii_digit())?;
    let parts: Vec<&str> = text.split(separator).map(str::trim).collect();
    let [first, second, last] = parts.as_slice() else { return None };
    if !matches!(separator, '.' | '/' | '-') || [first, second].iter().any(|part| part.len() > 2) {
        return None;
    }
    let (one, two): (u32, u32) = (first.parse().ok()?, second.parse().ok()?);
    let Some(year) = four_digits(last) else {
        let short = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_digit());
        return short.then_some(ParsedDate::Unknown(Code::TwoDigitYear));
    };
    if separator == '.' || one == two || one > 12 {
        Some(day(year, second, first))
    } else if two > 12 {
        Some(day(year, first, second))
    } else {
        Some(ParsedDate::Year(year, Some(Code::AmbiguousDate)))
    }
}

/// The only number of four digits that can be a year, if no longer number is beside it.
fn only_year(text: &str) -> Option<i64> {
    if numbers(text).any(|number| number.len() > 4) {
        return None;
    }
    let mut years = numbers(text).filter_map(four_digits).filter(|year| YEARS.contains(year));
    let year = years.next()?;
    years.next().is_none().then_some(year)
}

/// The text before a time of day.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    let start = text[..colon].rfind(|letter: char| !letter.is_ascii_digit());
    &text[..start.unwrap_or_default()]
}

fn four_digits(text: &str) -> Option<i64> {
    let all = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

fn leading_digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter(|number| !number.is_empty())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(year: i32, month: u32, day: u32) -> ParsedDate {
        ParsedDate::Day(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    #[test]
    fn common_forms_of_a_date_are_read() {
        for text in [
            "2004-03-09",
            "2004-03-09T23:59:59Z",
            "2004-03-09 10:11:12",
            "2004-3-9",
            "2004/03/09",
            "20040309",
            "+2004-03-09T00:00:00Z",
            "2004年3月9日",
            "2004-03-09 (Japan)",
            "9 March 2004",
            "March 9, 2004",
            "Mar 09 2004",
            "9-Mar-2004",
            "Tue, 09 Mar 2004 00:00:00 GMT",
            "9. März 2004",
            "9 mars 2004",
            "09.03.2004",
        ] {
            assert_eq!(parse(text, None), date(2004, 3, 9), "{text}");
        }
        assert_eq!(parse("14 juillet 1958", None), date(1958, 7, 14));
        assert_eq!(parse("14 juin 1958", None), date(1958, 6, 14));
        assert_eq!(parse("25/12/1958", None), date(1958, 12, 25));
        assert_eq!(parse("12/25/1958", None), date(1958, 12, 25));
        assert_eq!(parse("04/04/1958", None), date(1958, 4, 4));
    }

    #[test]
    fn year_is_kept_when_the_day_is_ambiguous() {
        let year = |code| ParsedDate::Year(2004, code);
        assert_eq!(parse("2004", None), year(None));
        assert_eq!(parse("2004-00-00", None), year(None));
        for text in ["2004-03", "2004-03-00", "2004-02-31", "March 2004", "spring of 2004"] {
            assert_eq!(parse(text, None), year(Some(Code::IncompleteDate)), "{text}");
        }
        assert_eq!(parse("03/09/2004", None), year(Some(Code::AmbiguousDate)));
        assert_eq!(parse("9-Mar-04", None), ParsedDate::Unknown(Code::TwoDigitYear));
        for text in ["1078790400", "soon", "12.5", "2004 or 2005"] {
            assert_eq!(parse(text, None), ParsedDate::Unknown(Code::NotADate), "{text}");
        }
    }

    #[test]
    fn date_format_option_decides() {
        assert_eq!(parse("03/09/2004", Some("%m/%d/%Y")), date(2004, 3, 9));
        assert_eq!(parse("03/09/2004", Some("%d/%m/%Y")), date(2004, 9, 3));
        assert_eq!(parse("9-Mar-04", Some("%d-%b-%y")), date(2004, 3, 9));
        assert_eq!(parse("2004-03-09", Some("%d/%m/%Y")), date(2004, 3, 9));
        assert_eq!(parse("x", Some("%d/%m/%Y")), ParsedDate::Unknown(Code::NotADate));
    }

    #[test]
    fn year_is_recognised_only_when_unambiguous() {
        for text in ["1987", " (1987)", "1987.0", "1987-05", "1987-05-01", "May 3 1987"] {
            assert_eq!(parse_year(text), Ok((1987, None)), "{text}");
        }
        for text in ["1987–1989", "1987-", "1987-89"] {
            assert_eq!(parse_year(text), Ok((1987, Some(Code::YearSpan))), "{text}");
        }
        assert_eq!(parse_year("c. 1987"), Ok((1987, Some(Code::YearExtracted))));
        for text in ["87", "1066", "", "unknown", "1987 or 1989", "19870"] {
            assert_eq!(parse_year(text), Err(Code::NotAYear), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9/.: \\-TZ()年月日maychJéßa+,]{0,24}") {
            _ = parse(&text, None);
            _ = parse(&text, Some("%d/%m/%Y"));
            _ = parse_year(&text);
        }

        #[test]
        fn iso_8601_dates_round_trip(days in 0..100_000_u64) {
            let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(days);
            prop_assert_eq!(parse(&day.to_string(), None), ParsedDate::Day(day));
        }
    }
}
