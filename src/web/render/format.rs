//! Numbers and times as a reader expects them.

use chrono::DateTime;

/// `1,312`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 film`, `1,312 films`.
pub fn counted(number: i64, thing: &str) -> String {
    format!("{} {}", grouped(number), unit(number, thing))
}

/// `film` of one, `films` of any other number.
pub fn unit(number: i64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{thing}{plural}")
}

/// `2 h 43 min` from 163.
pub fn runtime(minutes: impl Into<i64>) -> String {
    let minutes = minutes.into();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// "24 November 2026, 14:05 UTC"
pub fn moment(seconds: i64) -> String {
    let moment = DateTime::from_timestamp(seconds, 0);
    moment.map(|moment| moment.format("%-d %B %Y, %H:%M UTC").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1312, 1_000_000].map(grouped), ["0", "999", "1,312", "1,000,000"]);
        assert_eq!([1, 2].map(|n| counted(n, "film")), ["1 film", "2 films"]);
        assert_eq!([45, 60, 163].map(runtime), ["45 min", "1 h", "2 h 43 min"]);
    }
}
