//! A title, its other titles and the year in one cell, each title with its article at the end: `City of Lost Children, The (Cité des enfants perdus, La) (1995)`.

use super::super::diagnostics::{Diagnostics, SourceLocation};

/// Articles after a comma, in the languages of the titles.
const ARTICLES: [&str; 36] = [
    "the", "a", "an", "le", "la", "les", "l'", "un", "une", "il", "lo", "i", "gli", "uno", "una",
    "el", "los", "las", "der", "die", "das", "den", "ein", "eine", "det", "de", "het", "een", "en",
    "et", "o", "os", "as", "um", "uma", "els",
];

#[derive(Debug, PartialEq, Eq)]
pub struct Title {
    pub title: String,
    pub original: Option<String>,
    pub year: Option<i64>,
}

/// Splits the cell. What is left out or missing is reported.
pub fn read(cell: &str, location: &SourceLocation, diagnostics: &mut Diagnostics) -> Title {
    let mut rest = cell.trim();
    let mut year = None;
    if let Some((before, inside)) = last_brackets(rest)
        && let Some(found) = years(inside)
    {
        year = Some(found);
        rest = before;
        if inside.len() > 4 {
            diagnostics.fix(
                location,
                "a span of years",
                format!("{inside} became the year {found}"),
            );
        }
    }
    if year.is_none() {
        diagnostics.fix(location, "no year", format!("{cell:?} has no year"));
    }
    let mut others = Vec::new();
    while let Some((before, inside)) = last_brackets(rest) {
        // In "Birdman: Or (The Unexpected Virtue of Ignorance)" the brackets go on with the title.
        let goes_on = before.ends_with(':') || before.to_lowercase().ends_with(" or");
        if goes_on || !inside.chars().any(char::is_alphabetic) {
            break;
        }
        others.push(inside);
        rest = before;
    }
    let title = article_first(rest);
    let mut original = None;
    for other in others.into_iter().rev() {
        let known_as = ["a.k.a.", "aka ", "a.k.a "];
        let alias = known_as.iter().any(|mark| other.to_lowercase().starts_with(mark));
        if !alias && original.is_none() && !is_part(other) {
            original = Some(article_first(other)).filter(|original| *original != title);
        } else {
            let reason = format!("the other title {other:?} of {title:?} was left out");
            diagnostics.fix(location, "a further title", reason);
        }
    }
    Title { title, original, year }
}

/// Returns the text before the last pair of brackets, and the text in it.
fn last_brackets(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_end();
    let inside = text.strip_suffix(')')?;
    let mut open = 1;
    for (at, letter) in inside.char_indices().rev() {
        match letter {
            ')' => open += 1,
            '(' => open -= 1,
            _ => {}
        }
        if open == 0 {
            let before = inside[..at].trim_end();
            return (!before.is_empty()).then_some((before, inside[at + 1..].trim()));
        }
    }
    None
}

/// `1995`, and the first of `2006–2007` or of `2006–`.
fn years(text: &str) -> Option<i64> {
    let mut years = text.split(['-', '–']).map(str::trim);
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
    let first = years.next().filter(|year| is_year(year))?;
    years.all(|year| year.is_empty() || is_year(year)).then(|| first.parse().ok())?
}

/// "Part 2" and the like are no titles.
fn is_part(text: &str) -> bool {
    let first = text.split([' ', '.']).next().unwrap_or_default().to_lowercase();
    ["part", "vol", "volume", "episode", "tv", "version"].contains(&first.as_str())
}

fn article_first(text: &str) -> String {
    let text = text.trim();
    let Some((rest, article)) = text.rsplit_once(',') else { return text.to_owned() };
    let article = article.trim().replace('\u{2019}', "'");
    if !ARTICLES.contains(&article.to_lowercase().as_str()) {
        return text.to_owned();
    }
    let space = if article.ends_with('\'') { "" } else { " " };
    format!("{article}{space}{}", rest.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(cell: &str) -> (Title, Vec<String>) {
        let location = SourceLocation { file: "movies.csv".into(), line: 2 };
        let mut diagnostics = Diagnostics::default();
        let title = read(cell, &location, &mut diagnostics);
        (title, diagnostics.take().0.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn articles_other_titles_and_years_are_split() {
        for (cell, title, original, year) in [
            ("Toy Story (1995)", "Toy Story", None, Some(1995)),
            (
                "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
                "The City of Lost Children",
                Some("La Cité des enfants perdus"),
                Some(1995),
            ),
            ("Enfer, L' (1994) ", "L'Enfer", None, Some(1994)),
            ("(500) Days of Summer (2009)", "(500) Days of Summer", None, Some(2009)),
            ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", None, Some(1968)),
            ("Me, Myself & Irene (2000)", "Me, Myself & Irene", None, Some(2000)),
            (
                "1984 (Nineteen Eighty-Four) (1984)",
                "1984",
                Some("Nineteen Eighty-Four"),
                Some(1984),
            ),
            (
                "Birdman: Or (The Unexpected Virtue of Ignorance) (2014)",
                "Birdman: Or (The Unexpected Virtue of Ignorance)",
                None,
                Some(2014),
            ),
            ("A (B (C)) (1990)", "A", Some("B (C)"), Some(1990)),
        ] {
            let expected =
                Title { title: title.into(), original: original.map(str::to_owned), year };
            assert_eq!(parsed(cell), (expected, vec![]), "{cell}");
        }
    }

    #[test]
    fn titles_left_out_and_missing_years_are_reported() {
        let (title, diagnostics) = parsed("Seven (a.k.a. Se7en) (1995)");
        assert_eq!((title.title.as_str(), title.original), ("Seven", None));
        assert_eq!(diagnostics, ["the other title \"a.k.a. Se7en\" of \"Seven\" was left out"]);
        let (title, diagnostics) = parsed("Death Note: Desu nôto (2006–2007)");
        assert_eq!((title.title.as_str(), title.year), ("Death Note: Desu nôto", Some(2006)));
        assert_eq!(diagnostics, ["2006–2007 became the year 2006"]);
        let (title, diagnostics) = parsed("Babylon 5");
        assert_eq!((title.title.as_str(), title.year), ("Babylon 5", None));
        assert_eq!(diagnostics, ["\"Babylon 5\" has no year"]);
        for odd in ["", "()", "(1995)", ")(", "((", ", The", "A ()"] {
            _ = parsed(odd);
        }
    }
}
