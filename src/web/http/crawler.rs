//! Crawlers that say what they are. They get no session, and fewer lists.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

/// Words by which the user agents of crawlers and other programs declare themselves, in lower case.
/// Many also name a page about themselves, as `+https://…`.
const WORDS: [&str; 10] = [
    "crawl",
    "spider",
    "slurp",
    "archiver",
    "facebookexternalhit",
    "mediapartners-google",
    "feedfetcher",
    "scrapy",
    "+http://",
    "+https://",
];

/// Names of devices that end in "bot".
const DEVICES: [&str; 1] = ["cubot"];

/// Returns whether a request declares itself as a crawler's by its `User-Agent`.
pub(crate) fn is_declared(request: &HttpRequest) -> bool {
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.is_some_and(is_crawler)
}

fn is_crawler(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    WORDS.iter().any(|word| agent.contains(word)) || names_a_bot(&agent)
}

/// Finds "bot" at the end of a word, as in "Googlebot/2.1".
fn names_a_bot(agent: &str) -> bool {
    let words = agent.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.into_iter().any(|word| {
        let word = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        (word.ends_with("bot") || word.ends_with("bots")) && !DEVICES.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_crawlers_are_told_from_browsers() {
        for crawler in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0)",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "Mozilla/5.0 (compatible; YandexBot/3.0)",
            "Mozilla/5.0 (compatible; Yahoo! Slurp)",
            "Baiduspider",
            "CCBot/2.0 (https://commoncrawl.org/faq/)",
            "GPTBot/1.2",
            "facebookexternalhit/1.1",
            "ia_archiver",
            "Twitterbot/1.0",
            "DuckDuckBot-Https/1.1",
        ] {
            assert!(is_crawler(crawler), "{crawler}");
        }
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/96.0 Mobile",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0",
            "curl/8.5.0",
            "Robotics Browser 1.0 (Abbott)",
            "",
        ] {
            assert!(!is_crawler(browser), "{browser}");
        }
    }
}
