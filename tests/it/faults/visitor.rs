//! Somebody who looks around, and remembers what the site has confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::cookie::{CookieStore, Jar};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};

const THEMES: [&str; 3] = ["dark", "light", "system"];

/// Why there is no page: the site said when to come back, or does not answer at all.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "for the message of a test that fails")]
pub struct Away(pub String);

/// One choice that the visitor made.
#[derive(Default)]
struct Choice {
    confirmed: Option<&'static str>,
    /// Asked for since, and not confirmed: carried out or not.
    doubtful: Vec<&'static str>,
}

impl Choice {
    fn allows(&self, found: &str) -> bool {
        self.confirmed.is_none_or(|confirmed| confirmed == found) || self.doubtful.contains(&found)
    }

    fn made(&mut self, answer: Result<(), Away>, choice: &'static str) -> Result<(), Away> {
        match answer {
            Ok(()) => self.confirmed = Some(choice),
            Err(_) => self.doubtful.push(choice),
        }
        answer
    }
}

pub struct Visitor {
    site: String,
    films: Vec<String>,
    client: Client,
    jar: Arc<Jar>,
    round: usize,
    visits: u64,
    theme: Choice,
    listed: BTreeMap<String, Choice>,
    /// Cookies of what was erased, and confirmed to be.
    erased: Vec<String>,
}

impl Visitor {
    pub fn new(site: String, films: Vec<String>) -> Self {
        let (client, jar) = browser();
        let (theme, listed, erased) = (Choice::default(), BTreeMap::new(), Vec::new());
        Self { site, films, client, jar, round: 0, visits: 0, theme, listed, erased }
    }

    /// Resolves uncertain results, as no request is in flight any more.
    pub fn settle(&mut self) {
        for choice in self.listed.values_mut().chain([&mut self.theme]) {
            if !choice.doubtful.is_empty() {
                *choice = Choice::default();
            }
        }
    }

    /// Looks around once, and compares what the site knows with what it confirmed.
    pub async fn look_around(&mut self) -> Result<(), Away> {
        self.round += 1;
        let list = self.page("/movies").await?;
        let visits = counted(&list);
        assert!(visits >= self.visits, "{} visits were counted, now {visits}", self.visits);
        self.visits = visits + 1;

        let theme = THEMES[self.round % THEMES.len()];
        let answer = self.send("/preferences", &[("theme", theme)]).await;
        self.theme.made(answer, theme)?;

        let film = self.films[self.round % self.films.len()].clone();
        self.page(&format!("/movies/{film}")).await?;
        let was_listed = self.listed.get(&film).and_then(|choice| choice.confirmed);
        let (pressed, wanted) =
            if was_listed == Some("on") { ("true", "off") } else { ("false", "on") };
        let answer = self.send(&format!("/movies/{film}/watchlist"), &[("pressed", pressed)]).await;
        self.listed.entry(film).or_default().made(answer, wanted)?;

        self.compare().await?;
        if self.round.is_multiple_of(5) {
            self.erase().await?;
        }
        Ok(())
    }

    /// Checks that confirmed writes are there at the first read.
    async fn compare(&self) -> Result<(), Away> {
        let differences = self.differences().await?;
        assert!(differences.is_empty(), "{differences:?}");
        Ok(())
    }

    async fn differences(&self) -> Result<Vec<String>, Away> {
        let mut found = Vec::new();
        let about = self.page("/about").await?;
        if counted(&about) < self.visits {
            found.push(format!("{} visits, not {}", counted(&about), self.visits));
        }
        let theme = part(&about, "data-theme=\"");
        if !self.theme.allows(theme) {
            found.push(format!("theme {theme}, not {:?}", self.theme.confirmed));
        }
        let list = self.page("/watchlist").await?;
        for (film, choice) in &self.listed {
            let on = list.contains(&format!("data-movie=\"{film}\""));
            if !choice.allows(if on { "on" } else { "off" }) {
                found.push(format!("{film} is not {:?}", choice.confirmed));
            }
        }
        for cookie in self.erased.iter().rev().take(3) {
            let request =
                Client::new().get(format!("{}/about", self.site)).header("Cookie", cookie);
            let about = answer(request, 200).await?;
            if (counted(&about), part(&about, "data-theme=\"")) != (0, "system") {
                found.push("somebody who erased everything is back".to_owned());
            }
        }
        Ok(found)
    }

    /// Starts the visitor over, whatever the result is.
    async fn erase(&mut self) -> Result<(), Away> {
        let cookie = self.cookie().expect("a visit was confirmed");
        let answer = self.send("/you/erase", &[]).await;
        if answer.is_ok() {
            self.erased.push(cookie);
        }
        (self.client, self.jar) = browser();
        self.visits = 0;
        self.theme = Choice::default();
        self.listed.clear();
        answer
    }

    async fn page(&self, path: &str) -> Result<String, Away> {
        self.ask(self.client.get(format!("{}{path}", self.site)), 200).await
    }

    async fn send(&self, path: &str, form: &[(&str, &str)]) -> Result<(), Away> {
        let request = self.client.post(format!("{}{path}", self.site)).form(form);
        self.ask(request, 303).await.map(drop)
    }

    async fn ask(&self, request: RequestBuilder, wanted: u16) -> Result<String, Away> {
        let cookie = self.cookie();
        let answer = answer(request, wanted).await;
        assert!(answer.is_ok() || self.cookie() == cookie, "an outage is no reason");
        answer
    }

    fn cookie(&self) -> Option<String> {
        let url: Url = self.site.parse().unwrap();
        Some(self.jar.cookies(&url)?.to_str().unwrap().to_owned())
    }
}

fn browser() -> (Client, Arc<Jar>) {
    let jar = Arc::<Jar>::default();
    let client = Client::builder().cookie_provider(jar.clone()).redirect(Policy::none()).build();
    (client.unwrap(), jar)
}

/// The body; anything but the wanted status must be an error page that says when to come back.
async fn answer(request: RequestBuilder, wanted: u16) -> Result<String, Away> {
    let away = |error: reqwest::Error| Away(format!("{error:?}"));
    let response = request.send().await.map_err(away)?;
    let (status, url) = (response.status().as_u16(), response.url().path().to_owned());
    let retry = response.headers().get("retry-after").cloned();
    let body = response.text().await.map_err(away)?;
    if status == 503 {
        assert_eq!(retry.unwrap(), "5", "{url}");
        assert!(body.contains("<h1"), "{url}: {body}");
        return Err(Away(format!("503 for {url}")));
    }
    assert_eq!(status, wanted, "{url}");
    assert!(!body.contains("session-unavailable"), "{url}");
    Ok(body)
}

fn counted(page: &str) -> u64 {
    part(page, "id=\"num-visits\" value=\"").parse().unwrap()
}

/// Returns the text after these words, up to the quotation mark.
fn part<'a>(page: &'a str, words: &str) -> &'a str {
    page.split_once(words)
        .unwrap_or_else(|| panic!("no {words} in {page}"))
        .1
        .split('"')
        .next()
        .unwrap()
}
