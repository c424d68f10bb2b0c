//! What a list of films is to hold.

use std::borrow::Cow;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{Dimension, Document, Index};

/// Which films a list holds; the parts combine by AND. What no film has leaves nothing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Ids of tags that a film must all have.
    pub tags: Vec<i32>,
    /// Ids of tags that it must not have.
    pub without_tags: Vec<i32>,
    /// The first year: 1930.
    pub decade: Option<i16>,
    /// Id of a director.
    pub director: Option<i32>,
    /// The slug of a country.
    pub country: Option<String>,
    /// An ISO 639 code.
    pub language: Option<String>,
    pub length: Option<Length>,
    /// Ids of films to leave out.
    pub hidden: Vec<i32>,
    /// Only these, which a search found in this very index: best first.
    pub found: Option<Arc<[Document]>>,
}

/// A film by its running time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Length {
    /// Under 40 minutes: a short film, as the Academy counts.
    Short,
    /// 40 to 89 minutes.
    UnderNinety,
    /// 90 to 119 minutes.
    UnderTwoHours,
    /// 120 to 149 minutes.
    TwoHours,
    /// 150 minutes or more.
    Long,
}

impl Length {
    pub const ALL: [Self; 5] =
        [Self::Short, Self::UnderNinety, Self::UnderTwoHours, Self::TwoHours, Self::Long];

    pub fn of(minutes: i16) -> Self {
        match minutes {
            ..40 => Self::Short,
            40..90 => Self::UnderNinety,
            90..120 => Self::UnderTwoHours,
            120..150 => Self::TwoHours,
            150.. => Self::Long,
        }
    }
}

/// The first year of a year's decade.
pub fn decade(year: i16) -> i16 {
    year - year.rem_euclid(10)
}

impl Index {
    /// The documents of the filter, but for what it asks of `except`.
    pub(super) fn matching<'a>(
        &'a self,
        filter: &Filter,
        except: Option<Dimension>,
    ) -> Cow<'a, RoaringBitmap> {
        let mut set = Cow::Borrowed(&self.all);
        let mut keep = |part: Cow<'a, RoaringBitmap>| match self.is_whole(&set) {
            true => set = part,
            false => *set.to_mut() &= &*part,
        };
        for id in &filter.tags {
            keep(known(self.tags.having(|tag| tag.id == *id)));
        }
        if let Some(decade) = filter.decade.filter(|_| except != Some(Dimension::Decade)) {
            keep(known(self.decades.having(|first| *first == decade)));
        }
        if let Some(id) = filter.director.filter(|_| except != Some(Dimension::Director)) {
            let films = self.directors.place(id).map(|place| self.directors.films.get(place));
            keep(Cow::Owned(films.into_iter().flatten().copied().collect()));
        }
        if let Some(slug) = filter.country.as_ref().filter(|_| except != Some(Dimension::Country)) {
            keep(known(self.countries.having(|country| country.slug == *slug)));
        }
        if let Some(code) = filter.language.as_ref().filter(|_| except != Some(Dimension::Language))
        {
            keep(known(self.languages.having(|language| language == code)));
        }
        if let Some(length) = filter.length.filter(|_| except != Some(Dimension::Length)) {
            keep(known(self.lengths.having(|other| *other == length)));
        }
        if let Some(found) = &filter.found {
            keep(Cow::Owned(found.iter().copied().collect()));
        }
        for id in &filter.without_tags {
            if let Some(tagged) = self.tags.having(|tag| tag.id == *id) {
                *set.to_mut() -= tagged;
            }
        }
        let hidden = filter.hidden.iter().filter_map(|id| self.document(*id));
        for document in hidden {
            set.to_mut().remove(document);
        }
        set
    }
}

fn known(documents: Option<&RoaringBitmap>) -> Cow<'_, RoaringBitmap> {
    documents.map_or_else(Cow::default, Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_running_time_and_year_has_its_class() {
        let classes = [1, 39, 40, 89, 90, 119, 120, 149, 150, 6000].map(Length::of);
        let twice = Length::ALL.map(|length| [length; 2]).concat();
        assert_eq!(classes.to_vec(), twice);
        assert_eq!([1870, 1939, 1940, 2199].map(decade), [1870, 1930, 1940, 2190]);
    }
}
