//! Compositions of one large letter or number in the face of the title.

use super::Frame;
use crate::canvas::Canvas;

/// Height of capitals and figures in em, about.
const CAPITALS: f64 = 0.7;

const ARTICLES: [&str; 14] =
    ["the", "a", "an", "le", "la", "les", "un", "une", "der", "die", "das", "el", "los", "il"];

/// Returns the first letter of a title after its article, if it is in ASCII.
pub fn initial_of(title: &str) -> Option<char> {
    let mut words = title.split([' ', '\'', '’']).filter(|word| !word.is_empty());
    let first = words.next()?;
    let is_article = ARTICLES.contains(&first.to_lowercase().as_str()) || first == "L";
    let word = words.next().filter(|_| is_article).unwrap_or(first);
    word.chars().next().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase())
}

/// The initial of the title, cropped, or printed twice.
pub fn initial(c: &mut Canvas, f: &Frame) {
    let Some(letter) = f.letters.initial else { return };
    let text = letter.to_string();
    let advance = f.letters.era.width(&text).max(0.1);
    let size = (c.dice.pick(&[0.95, 1.15, 1.4]) * f.w / advance).min(1.6 * f.h);
    let x = (f.w - advance * size) / 2.0;
    let is_twice = c.dice.coin() && !"HKSZ".contains(letter);
    let y = if c.dice.coin() {
        (0.1 * f.h + CAPITALS * size).max(0.9 * f.h)
    } else {
        (0.9 * f.h).min(0.1 * f.h + CAPITALS * size)
    };
    c.text(f.hero, size, (x, y), &text);
    let (dx, dy) = (c.dice.percent(4, 12) * f.w * c.dice.sign(), c.dice.percent(4, 12) * f.h);
    if is_twice {
        c.text(f.second, size, (x + dx, y + dy), &text);
    }
}

/// The running time or the year, cropped at the left.
pub fn minutes(c: &mut Canvas, f: &Frame) {
    let Some(number) = f.letters.number else { return };
    let text = number.to_string();
    let advance = f.letters.era.width(&text).max(0.1);
    let size = (1.06 * f.w / advance).min(1.15 * f.h / CAPITALS);
    let x = -0.07 * advance * size;
    c.text(f.hero, size, (x, f.h / 2.0 + CAPITALS * size / 2.0), &text);
}
