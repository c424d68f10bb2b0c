//! Running times with and without units.

use std::ops::RangeInclusive;

use super::Code;

const MINUTES: RangeInclusive<f64> = 1.0..=6000.0;

const HOUR_UNITS: [&str; 17] = [
    "h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures", "hora",
    "horas", "ora", "ore", "ч", "時間", "小时",
];
const MINUTE_UNITS: [&str; 20] = [
    "m",
    "mn",
    "min",
    "mins",
    "minute",
    "minutes",
    "minuten",
    "minuti",
    "minuto",
    "minutos",
    "мин",
    "минут",
    "分",
    "分钟",
    "分鐘",
    "분",
    "'",
    "′",
    "minuta",
    "minut",
];
const SECOND_UNITS: [&str; 6] = ["s", "sec", "secs", "second", "seconds", "sek"];

/// Returns whole minutes, and a code where the text said something less exact.
///
/// # Errors
/// A value that is not a running time of 1 to 6000 minutes.
pub fn parse(text: &str) -> Result<(i16, Option<Code>), Code> {
    let text = text.trim().to_lowercase();
    let exact = ["~", "≈", "circa", "ca.", "ca ", "c.", "about", "approx."]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    let minutes = minutes(exact.unwrap_or(&text).trim()).ok_or(Code::NotARuntime)?;
    let whole = minutes.round();
    if !MINUTES.contains(&whole) {
        return Err(Code::NotARuntime);
    }
    let code = if exact.is_some() {
        Some(Code::RuntimeApproximate)
    } else {
        ((whole - minutes).abs() > 0.01).then_some(Code::RuntimeRounded)
    };
    // Within the range above.
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Ok((whole as i16, code))
}

fn minutes(text: &str) -> Option<f64> {
    if text.contains(':') {
        return clock(text);
    }
    let text = text.strip_prefix("pt").unwrap_or(text);
    if let Some(minutes) = number(text) {
        return Some(minutes);
    }
    let (mut total, mut last_unit, mut rest) = (0.0, None, text);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !matches!(letter, '0'..='9' | '.' | ','));
        let (amount, after) = rest.split_at(digits.unwrap_or(rest.len()));
        let amount = number(amount)?;
        let after = after.trim_start();
        let end = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit = unit.trim().trim_end_matches(['.', ',']).trim_end_matches(" and").trim();
        let seconds = match unit {
            unit if HOUR_UNITS.contains(&unit) => 3600.0,
            unit if MINUTE_UNITS.contains(&unit) => 60.0,
            unit if SECOND_UNITS.contains(&unit) => 1.0,
            // `1h35`
            "" if last_unit == Some(3600.0) && after.is_empty() => 60.0,
            _ => return None,
        };
        // Units descend, each once.
        if last_unit.is_some_and(|last| last <= seconds) {
            return None;
        }
        total += amount * seconds / 60.0;
        last_unit = Some(seconds);
        rest = after;
    }
    last_unit.map(|_| total)
}

/// `95`, `95.0`, `94,5`. Three digits after a sign may be thousands, so they are refused.
fn number(text: &str) -> Option<f64> {
    let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || !all_digits(whole) || !all_digits(decimals) {
        return None;
    }
    if decimals.len() == 3 {
        return None;
    }
    format!("{whole}.{decimals}").parse().ok()
}

/// `1:35` and `01:35:00`.
fn clock(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(':').collect();
    let (hours, minutes, seconds) = match parts.as_slice() {
        [hours, minutes] => (*hours, *minutes, "0"),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() <= 2).map(f64::from);
    let (hours, minutes, seconds) = (number(hours)?, number(minutes)?, number(seconds)?);
    (minutes < 60.0 && seconds < 60.0).then_some(hours * 60.0 + minutes + seconds / 60.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_are_read() {
        for (text, expected) in [
            ("88", 88),
            ("88 min", 88),
            ("88min.", 88),
            ("88 Minutes", 88),
            ("88 m", 88),
            ("88.0", 88),
            ("88,0", 88),
            ("88 мин", 88),
            ("88分", 88),
            ("3 hours", 180),
            ("3h", 180),
            ("1h 28m", 88),
            ("1h28", 88),
            ("1 hr 28 min", 88),
            ("1 hour and 28 minutes", 88),
            ("1 hour, 28 minutes", 88),
            ("1:28", 88),
            ("01:28:00", 88),
            ("PT88M", 88),
            ("PT1H28M", 88),
            ("1.5 hours", 90),
            ("5280 s", 88),
            ("6000", 6000),
        ] {
            assert_eq!(parse(text), Ok((expected, None)), "{text}");
        }
        assert_eq!(parse("87,5"), Ok((88, Some(Code::RuntimeRounded))));
        assert_eq!(parse("ca. 88"), Ok((88, Some(Code::RuntimeApproximate))));
        assert_eq!(parse("~88 min"), Ok((88, Some(Code::RuntimeApproximate))));
    }

    #[test]
    fn other_measures_are_refused() {
        for text in [
            "",
            "1 Season",
            "2 seasons",
            "80–100",
            "80-100",
            "80/100",
            "0",
            "-88",
            "S02",
            "7 episodes",
            "12 reels",
            "1.020",
            "6001",
            "1h 1h",
            "28m 1h",
            "1:75",
            "1:2:3:4",
            "PT",
            "h",
        ] {
            assert_eq!(parse(text), Err(Code::NotARuntime), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9hmsPT:., 'ア分é~ca\\-]{0,16}") {
            if let Ok((minutes, _)) = parse(&text) {
                prop_assert!((1..=6000).contains(&minutes));
            }
        }
    }
}
