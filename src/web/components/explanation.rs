//! Why a film is related to another one.

use serde::Serialize;

use crate::catalog::dimension::DimensionId;
use crate::catalog::index::SharedFact;
use crate::catalog::people::Credit;

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
struct Fact {
    #[serde(skip)]
    dimension: DimensionId,
    name: String,
}

impl Explanation {
    /// Explains by directors and tags. Falls back to decade and country, and then to language.
    pub fn new(shared: &[SharedFact<'_>], directors: &[Credit], like: Option<String>) -> Self {
        let facts = |wanted: &dyn Fn(&Fact) -> bool| -> Vec<Fact> {
            let facts = shared.iter().filter_map(Fact::new).filter(|fact| wanted(fact));
            facts.take(MAX_FACTS).collect()
        };
        let credited = |id: i32| directors.iter().any(|credit| credit.id == id);
        let same_director = shared
            .iter()
            .any(|shared| matches!(shared, SharedFact::Person(_, id) if credited(*id)));
        let mut found = facts(&|fact| fact.dimension == DimensionId::Tag);
        if found.is_empty() && !same_director {
            found = facts(&|fact| fact.dimension != DimensionId::Language);
        }
        if found.is_empty() && !same_director {
            found = facts(&|_| true);
        }
        Self { same_director, facts: found, like }
    }
}

impl Fact {
    fn new(shared: &SharedFact<'_>) -> Option<Self> {
        match shared {
            SharedFact::Value(dimension, value) => {
                Some(Self { dimension: *dimension, name: value.label.clone() })
            }
            SharedFact::Person(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::dimension::Value;

    #[test]
    fn explanation_prefers_director_and_tags_to_decade_country_and_language() {
        let wilder = Credit { id: 7, slug: "billy-wilder".into(), name: "Billy Wilder".into() };
        let explain = |shared: &[SharedFact<'_>]| {
            let found = Explanation::new(shared, std::slice::from_ref(&wilder), None);
            let names: Vec<String> = found.facts.into_iter().map(|fact| fact.name).collect();
            (found.same_director, names.join(", "))
        };
        let values = ["Film noir", "War", "France", "1940s", "French"]
            .map(|label| Value { slug: String::new(), label: label.into() });
        let [noir, war, france, forties, french] = &values;
        let [noir, war] = [noir, war].map(|tag| SharedFact::Value(DimensionId::Tag, tag));
        let france = SharedFact::Value(DimensionId::Country, france);
        let forties = SharedFact::Value(DimensionId::Decade, forties);
        let french = SharedFact::Value(DimensionId::Language, french);
        let director = SharedFact::Person(DimensionId::Director, 7);

        assert_eq!(explain(&[noir, forties, director, war]), (true, "Film noir, War".into()));
        assert_eq!(explain(&[forties, director]), (true, String::new()));
        assert_eq!(explain(&[forties, france, french]), (false, "1940s, France".into()));
        assert_eq!(explain(&[french]), (false, "French".into()));
    }
}
