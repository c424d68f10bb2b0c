//! Why a film is related to another one.

use serde::Serialize;

use crate::catalog::directors::Credit;
use crate::catalog::index::Shared;
use crate::catalog::languages;

/// Facts that one explanation lists at most.
const MAX_FACTS: usize = 3;

/// The facts that two films share, for `components/explanation.html`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    same_director: bool,
    /// Tags; or, without a shared director or tag, what else the films share.
    facts: Vec<Fact>,
    /// The title of the other film, unless the page is about it.
    like: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
enum Fact {
    Tag(String),
    Decade(i16),
    Country(String),
    Language(String),
}

impl Explanation {
    /// Explains by directors and tags. Falls back to decade and country, and then to language.
    pub fn new(shared: &[Shared<'_>], directors: &[Credit], like: Option<String>) -> Self {
        let facts = |wanted: &dyn Fn(&Fact) -> bool| -> Vec<Fact> {
            let facts = shared.iter().filter_map(Fact::new).filter(|fact| wanted(fact));
            facts.take(MAX_FACTS).collect()
        };
        let credited = |id: i32| directors.iter().any(|credit| credit.id == id);
        let same_director =
            shared.iter().any(|shared| matches!(shared, Shared::Director(id) if credited(*id)));
        let mut found = facts(&|fact| matches!(fact, Fact::Tag(_)));
        if found.is_empty() && !same_director {
            found = facts(&|fact| !matches!(fact, Fact::Language(_)));
        }
        if found.is_empty() && !same_director {
            found = facts(&|_| true);
        }
        Self { same_director, facts: found, like }
    }
}

impl Fact {
    fn new(shared: &Shared<'_>) -> Option<Self> {
        Some(match shared {
            Shared::Tag(tag) => Self::Tag(tag.name.clone()),
            Shared::Director(_) => return None,
            Shared::Decade(first) => Self::Decade(*first),
            Shared::Country(country) => Self::Country(country.name.clone()),
            Shared::Language(code) => Self::Language(languages::name(code)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::index::Country;
    use crate::catalog::tags::Tag;

    #[test]
    fn explanation_prefers_director_and_tags_to_decade_country_and_language() {
        let wilder = Credit { id: 7, slug: "billy-wilder".into(), name: "Billy Wilder".into() };
        let explain = |shared: &[Shared<'_>]| {
            let found = Explanation::new(shared, std::slice::from_ref(&wilder), None);
            (found.same_director, found.facts)
        };
        let tag = |name: &str| Tag { id: 1, slug: String::new(), name: name.into() };
        let (noir, war) = (tag("Film noir"), tag("War"));
        let france = Country { slug: "france".into(), name: "France".into() };
        let (forties, french) = (Shared::Decade(1940), Shared::Language("fr"));

        let director = Shared::Director(7);
        assert_eq!(
            explain(&[Shared::Tag(&noir), forties, director, Shared::Tag(&war)]),
            (true, vec![Fact::Tag("Film noir".into()), Fact::Tag("War".into())])
        );
        assert_eq!(explain(&[forties, director]), (true, vec![]));
        assert_eq!(
            explain(&[forties, Shared::Country(&france), french]),
            (false, vec![Fact::Decade(1940), Fact::Country("France".into())])
        );
        assert_eq!(explain(&[french]), (false, vec![Fact::Language("French".into())]));
    }
}
