//! Crawlers that say so.

use actix_web::dev::RequestHead;
use actix_web::http::header::{FROM, USER_AGENT};

/// Whether the request says that a crawler sends it: by `From` (RFC 9110 §10.1.2), by
/// `Signature-Agent` (Web Bot Auth), or by the words that crawlers use in `User-Agent`. For
/// [`Builder::exclude`](crate::Builder::exclude).
pub fn declared_crawler(head: &RequestHead) -> bool {
    if head.headers.contains_key(FROM) || head.headers.contains_key("signature-agent") {
        return true;
    }
    head.headers.get(USER_AGENT).is_some_and(|agent| names_crawler(agent.as_bytes()))
}

fn names_crawler(agent: &[u8]) -> bool {
    let agent = agent.to_ascii_lowercase();
    let contains = |word: &[u8]| agent.windows(word.len()).any(|window| window == word);
    let bot = agent.windows(3).enumerate().any(|(start, word)| {
        let after = agent.get(start + 3);
        word == b"bot" && after.is_none_or(|byte| b"/ ;)-,".contains(byte))
    });
    bot || [&b"crawl"[..], b"spider", b"slurp", b"+http"].into_iter().any(contains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_apart() {
        for crawler in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; YandexBot/3.0)",
            "DuckDuckBot-Https/1.1",
            "Baiduspider",
            "Mozilla/5.0 (compatible; Yahoo! Slurp)",
            "examplebot",
        ] {
            assert!(names_crawler(crawler.as_bytes()), "{crawler}");
        }
        for browser in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36",
            "Mozilla/5.0 (Windows NT 10.0) Chrome-Lighthouse",
            "curl/8.5.0",
            "",
        ] {
            assert!(!names_crawler(browser.as_bytes()), "{browser}");
        }
    }
}
