//! Why one film stands beside another, in words.

use serde::Serialize;

use crate::catalog::directors::Credit;
use crate::catalog::index::Shared;
use crate::catalog::languages;

/// Things that one reason names, at most.
const MOST: usize = 3;

/// "Shares film noir and Billy Wilder with Double Indemnity", for `components/reason.html`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    verb: &'static str,
    things: Vec<Thing>,
    /// What leads over to the film's title.
    like: &'static str,
    /// Unset where the other film is plain to see.
    film: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Thing {
    /// ", " or " and ".
    before: &'static str,
    name: String,
}

impl Reason {
    /// What two films share, in the words for the directors of one of them. What a film is about
    /// and who made it are reason enough; when and where only when there is nothing else.
    pub fn new(shared: &[Shared<'_>], directors: &[Credit], film: Option<String>) -> Self {
        let telling = |shared: &&Shared<'_>| matches!(shared, Shared::Tag(_) | Shared::Director(_));
        let foreign = |shared: &&Shared<'_>| !matches!(shared, Shared::Language(_));
        let named = |wanted: &dyn Fn(&&Shared<'_>) -> bool| -> Vec<String> {
            let wanted = shared.iter().filter(|shared| wanted(shared));
            wanted.filter_map(|shared| name(*shared, directors)).take(MOST).collect()
        };
        let (mut verb, mut like, mut names) = ("Shares", "with", named(&telling));
        if names.is_empty() {
            (verb, like, names) = ("Also from", "like", named(&foreign));
        }
        if names.is_empty() {
            (verb, names) = ("Also in", named(&|_| true));
        }
        let count = names.len();
        let thing = |(at, name)| Thing {
            before: match at {
                0 => "",
                _ if at + 1 == count => " and ",
                _ => ", ",
            },
            name,
        };
        Self { verb, things: names.into_iter().enumerate().map(thing).collect(), like, film }
    }
}

fn name(shared: Shared<'_>, directors: &[Credit]) -> Option<String> {
    Some(match shared {
        Shared::Tag(tag) => in_a_sentence(&tag.name),
        Shared::Director(id) => directors.iter().find(|one| one.id == id)?.name.clone(),
        Shared::Decade(first) => format!("the {first}s"),
        Shared::Country(country) => country.name.clone(),
        Shared::Language(code) => languages::name(code),
    })
}

/// "Film noir" begins small, "LGBTQ" does not.
fn in_a_sentence(tag: &str) -> String {
    let mut letters = tag.chars();
    match letters.next() {
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => tag.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::index::Country;
    use crate::catalog::tags::Tag;

    fn text(shared: &[Shared<'_>]) -> String {
        let wilder = Credit { id: 7, slug: "billy-wilder".into(), name: "Billy Wilder".into() };
        let reason = Reason::new(shared, &[wilder], Some("Ace".into()));
        let things = reason.things.iter().map(|thing| format!("{}{}", thing.before, thing.name));
        format!("{} {} {} Ace", reason.verb, things.collect::<String>(), reason.like)
    }

    #[test]
    fn a_reason_reads_as_a_sentence() {
        let tag = |name: &str| Tag { id: 1, slug: String::new(), name: name.into() };
        let (noir, war, lgbtq) = (tag("Film noir"), tag("War"), tag("LGBTQ"));
        let (noir, war, lgbtq) = (Shared::Tag(&noir), Shared::Tag(&war), Shared::Tag(&lgbtq));
        let france = Country { slug: "france".into(), name: "France".into() };
        let (france, forties) = (Shared::Country(&france), Shared::Decade(1940));
        let (wilder, french) = (Shared::Director(7), Shared::Language("fr"));

        assert_eq!(text(&[noir, forties, wilder]), "Shares film noir and Billy Wilder with Ace");
        assert_eq!(text(&[lgbtq]), "Shares LGBTQ with Ace");
        assert_eq!(text(&[noir, war, lgbtq, wilder]), "Shares film noir, war and LGBTQ with Ace");
        assert_eq!(text(&[forties, france, french]), "Also from the 1940s and France like Ace");
        assert_eq!(text(&[french]), "Also in French like Ace");
    }
}
