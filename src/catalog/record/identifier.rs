//! Identifiers of movies on other sites.

/// A site that identifies movies, from the most to the least trustworthy: a re-edit has a Wikidata item
/// of its own but often shares the IMDb identifier, and one article may describe two films.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    Wikidata,
    Imdb,
    Tmdb,
    Movielens,
    Omdb,
    Wikipedia,
}

impl Scheme {
    pub const ALL: [Self; 6] =
        [Self::Wikidata, Self::Imdb, Self::Tmdb, Self::Movielens, Self::Omdb, Self::Wikipedia];

    /// The name in the database and in the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wikidata => "wikidata",
            Self::Imdb => "imdb",
            Self::Tmdb => "tmdb",
            Self::Movielens => "movielens",
            Self::Omdb => "omdb",
            Self::Wikipedia => "wikipedia",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }

    /// Returns the identifier in its usual form, from the identifier itself or from the address of its
    /// page; `None` if it is not well-formed.
    pub fn parse(self, text: &str) -> Option<String> {
        let text = text.trim();
        if let Some((scheme, identifier)) = from_url(text) {
            return (scheme == self).then_some(identifier);
        }
        match self {
            Self::Wikidata => prefixed("Q", text),
            Self::Imdb => prefixed("tt", text),
            Self::Tmdb | Self::Movielens | Self::Omdb => digits(text),
            Self::Wikipedia => None,
        }
    }
}

/// Returns an IMDb title from its digits alone, which some lists pad with zeros and some do not.
pub fn imdb_from_digits(text: &str) -> Option<String> {
    let digits = digits(text)?;
    (digits.len() <= 9).then(|| format!("tt{digits:0>7}"))
}

/// Returns the IMDb identifier of a person, `nm0000041`.
pub fn imdb_person(text: &str) -> Option<String> {
    let text = text.trim();
    let path = text.split_once("imdb.com/name/").map_or(text, |(_, path)| path);
    prefixed("nm", path.split(['/', '?']).next()?)
}

/// Returns the identifier that the address of a page on Wikidata, IMDb, TMDB or Wikipedia holds.
pub fn from_url(text: &str) -> Option<(Scheme, String)> {
    let text = text.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let page = path.split(['?', '#']).next()?;
    let mut segments = page.split('/').filter(|segment| !segment.is_empty());
    match host {
        "wikidata.org" | "m.wikidata.org" => {
            let identifier = prefixed("Q", segments.next_back()?)?;
            Some((Scheme::Wikidata, identifier))
        }
        "imdb.com" | "m.imdb.com" => {
            let title = segments.skip_while(|segment| *segment != "title").nth(1)?;
            Some((Scheme::Imdb, prefixed("tt", title)?))
        }
        "themoviedb.org" => {
            let number = segments.skip_while(|segment| *segment != "movie").nth(1)?;
            Some((Scheme::Tmdb, digits(number.split('-').next()?)?))
        }
        _ => {
            let language = host.strip_suffix(".wikipedia.org")?;
            let language = language.strip_suffix(".m").unwrap_or(language);
            let article = page.strip_prefix("wiki/").filter(|article| !article.is_empty())?;
            let address = format!("https://{language}.wikipedia.org/wiki/{article}");
            Some((Scheme::Wikipedia, address)).filter(|(_, url)| is_web_address(url))
        }
    }
}

/// Whether this is an http or https address that can be linked.
pub fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain = |letter: char| !letter.is_control() && !letter.is_whitespace();
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with(['/', '?', '#'])
            && text.chars().all(is_plain)
            && text.len() <= super::MAX_URL_LENGTH
    })
}

/// The prefix in its usual case and digits, of any length that these sites use.
fn prefixed(prefix: &str, text: &str) -> Option<String> {
    let (start, number) = text.split_at_checked(prefix.len())?;
    let is_number = (1..=12).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    (start.eq_ignore_ascii_case(prefix) && is_number).then(|| format!("{prefix}{number}"))
}

/// A whole number without its decimals, which spreadsheets add: `862.0`.
fn digits(text: &str) -> Option<String> {
    let whole = match text.split_once('.') {
        Some((whole, rest)) if !rest.is_empty() && rest.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    let is_number = (1..=12).contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit());
    let is_nothing = whole.bytes().all(|byte| byte == b'0');
    (is_number && !is_nothing).then(|| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_case_are_normalised() {
        for (scheme, text, expected) in [
            (Scheme::Wikidata, "q42", "Q42"),
            (Scheme::Wikidata, "http://www.wikidata.org/entity/Q42", "Q42"),
            (Scheme::Wikidata, "https://www.wikidata.org/wiki/Q42#x", "Q42"),
            (Scheme::Imdb, "TT0012345", "tt0012345"),
            (Scheme::Imdb, "https://www.imdb.com/title/tt0012345/?ref_=x", "tt0012345"),
            (Scheme::Imdb, "https://www.imdb.com/de/title/tt0012345/", "tt0012345"),
            (Scheme::Tmdb, "77.0", "77"),
            (Scheme::Tmdb, "https://www.themoviedb.org/movie/77-some-title", "77"),
            (Scheme::Movielens, " 5 ", "5"),
            (
                Scheme::Wikipedia,
                "http://en.m.wikipedia.org/wiki/Ran_(film)?x=1",
                "https://en.wikipedia.org/wiki/Ran_(film)",
            ),
        ] {
            assert_eq!(scheme.parse(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(imdb_from_digits("12345").as_deref(), Some("tt0012345"));
        assert_eq!(imdb_person("https://www.imdb.com/name/nm7/").as_deref(), Some("nm7"));
    }

    #[test]
    fn malformed_identifiers_are_refused() {
        for (scheme, text) in [
            (Scheme::Imdb, "8.8"),
            (Scheme::Imdb, "tt"),
            (Scheme::Imdb, "https://www.imdb.com/name/nm0000001/"),
            (Scheme::Imdb, "https://www.wikidata.org/wiki/Q42"),
            (Scheme::Wikidata, "42"),
            (Scheme::Wikidata, "QQ1"),
            (Scheme::Tmdb, "1997-08-20"),
            (Scheme::Tmdb, "7.5"),
            (Scheme::Tmdb, "0"),
            (Scheme::Wikipedia, "Ran (film)"),
            (Scheme::Wikipedia, "javascript:alert(1)"),
        ] {
            assert_eq!(scheme.parse(text), None, "{text}");
        }
    }

    #[test]
    fn web_addresses_are_http_or_https() {
        assert!(is_web_address("https://example.org/a?b#c"));
        for text in [
            "javascript:alert(1)",
            "https://",
            "//example.org",
            "https:///x",
            "https://a b",
            "ftp://x",
        ] {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
