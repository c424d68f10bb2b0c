//! People in order of name or of number of movies.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::{Document, Index, as_u32, position};
use crate::catalog::adjacency::Adjacency;
use crate::catalog::people::{Role, Sort};

/// All people with their credits.
#[derive(PartialEq)]
pub struct People {
    /// Ids, in order of name.
    pub(super) ids: Vec<i32>,
    /// Positions in `ids`, in order of id.
    pub(super) by_id: Vec<u32>,
    /// First letters of the sort names, each with its range of positions.
    initials: Vec<(String, Range<u32>)>,
    /// Positions of people with a biography.
    pub(super) has_biography: RoaringBitmap,
    /// In order of [`Role::ALL`].
    pub(super) credits: [Credits; 2],
}

/// The credits of one role. As most people have few movies, lists are smaller than bitmaps.
#[derive(PartialEq)]
pub struct Credits {
    /// Positions of the people that the list of the role contains.
    pub(super) listed: RoaringBitmap,
    /// The same positions, by descending number of movies.
    pub(super) by_movies: Vec<u32>,
    /// Number of people with movies.
    pub(super) credited: usize,
    /// Movies of each person.
    pub(super) movies: Adjacency,
    /// People of each movie.
    pub(super) of: Adjacency,
}

/// A person with the number of movies.
pub struct FoundPerson {
    pub id: i32,
    pub movies: usize,
    /// The role that names the person's page.
    pub role: Role,
}

/// A sorted list of people.
pub struct PersonList<'a> {
    people: &'a People,
    credits: &'a Credits,
    /// Positions of the people, among others.
    listed: Cow<'a, RoaringBitmap>,
    /// Positions of the people with the chosen initial.
    positions: Range<u32>,
    sort: Sort,
}

impl People {
    /// Builds the people from pairs of a movie and a person's position for each of [`Role::ALL`], and
    /// from the initials of all sort names.
    pub(super) fn new(
        ids: Vec<i32>,
        by_id: Vec<u32>,
        has_biography: RoaringBitmap,
        initials: &[Option<char>],
        movies: usize,
        credits: [&[(Document, u32)]; 2],
    ) -> Self {
        let count = ids.len();
        let credits = credits.map(|pairs| {
            let of = Adjacency::new(movies, pairs.iter().copied());
            // Transposing sorts the items.
            let movies_of = of.transposed(count);
            let of = movies_of.transposed(movies);
            (movies_of, of)
        });
        let acts = |at: u32| credits[Role::Actor as usize].0.len(at) > 0;
        let directs = |at: u32| credits[Role::Director as usize].0.len(at) > 0;
        let all = 0..as_u32(count);
        let actors = all.clone().filter(|at| acts(*at)).collect();
        // People without credits are listed as directors.
        let directors = all.filter(|at| directs(*at) || !acts(*at)).collect();
        let mut listed = [directors, actors].into_iter();
        Self {
            initials: ranges(initials),
            ids,
            by_id,
            has_biography,
            credits: credits.map(|(movies_of, of)| {
                Credits::new(listed.next().unwrap_or_default(), movies_of, of)
            }),
        }
    }

    /// Returns the credits of a role.
    pub(super) fn credits(&self, role: Role) -> &Credits {
        &self.credits[role as usize]
    }

    /// Returns the first letter of each sort name, where there is one.
    pub(super) fn initials(&self) -> impl Iterator<Item = Option<char>> {
        let mut ranges = self.initials.iter().peekable();
        self.all().map(move |position| {
            while ranges.next_if(|(_, range)| range.end <= position).is_some() {}
            let (initial, _) = ranges.peek().filter(|(_, range)| range.start <= position)?;
            initial.chars().next()
        })
    }

    /// Returns the position of the person with this id.
    pub(super) fn position(&self, id: i32) -> Option<u32> {
        position(&self.ids, &self.by_id, id)
    }

    /// Returns the id of the person at this position.
    pub(super) fn id(&self, position: u32) -> i32 {
        self.ids[position as usize]
    }

    /// Returns the number of people.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns the role that names the page of the person at this position.
    fn page_role(&self, position: u32) -> Role {
        match self.credits(Role::Director).listed.contains(position) {
            true => Role::Director,
            false => Role::Actor,
        }
    }

    fn all(&self) -> Range<u32> {
        0..as_u32(self.ids.len())
    }
}

impl Credits {
    fn new(listed: RoaringBitmap, movies: Adjacency, of: Adjacency) -> Self {
        let most = listed.iter().map(|at| movies.len(at)).max().unwrap_or(0);
        let fewer = listed.iter().map(|at| (most - movies.len(at), at));
        let by_movies = Adjacency::new(most as usize + 1, fewer).items;
        let credited = by_movies.partition_point(|&at| movies.len(at) > 0);
        Self { listed, by_movies, credited, movies, of }
    }
}

/// Groups the sort names by initial. Names without a letter precede all others and have no range.
fn ranges(initials: &[Option<char>]) -> Vec<(String, Range<u32>)> {
    let mut ranges: Vec<(String, Range<u32>)> = Vec::new();
    for (position, initial) in (0..).zip(initials) {
        let Some(initial) = initial.map(String::from) else { continue };
        match ranges.last_mut().filter(|(last, _)| *last == initial) {
            Some((_, range)) => range.end = position + 1,
            None => ranges.push((initial, position..position + 1)),
        }
    }
    ranges
}

impl Index {
    /// Returns the number of people.
    pub fn num_people(&self) -> usize {
        self.people.len()
    }

    /// Returns the ids of the people whose page a role names, in order of name.
    pub fn person_ids(&self, role: Role) -> impl Iterator<Item = i32> {
        let people = &self.people;
        let listed = people.credits(role).listed.iter();
        listed.filter(move |at| people.page_role(*at) == role).map(|at| people.id(at))
    }

    /// Returns the id of the person at this position.
    pub(in crate::catalog) fn person_id(&self, position: u32) -> i32 {
        self.people.id(position)
    }

    /// Returns the role that names a person's page: that of a director, unless all credits are an
    /// actor's.
    pub fn page_role(&self, id: i32) -> Role {
        let position = self.people.position(id);
        position.map_or(Role::Director, |position| self.people.page_role(position))
    }

    /// Returns whether the list of a role contains a person.
    pub fn is_listed(&self, role: Role, id: i32) -> bool {
        let position = self.people.position(id);
        position.is_some_and(|at| self.people.credits(role).listed.contains(at))
    }

    /// Returns the initials of the sort names in the list of a role, in order; scripts other than
    /// Latin come last.
    pub fn initials(&self, role: Role) -> impl Iterator<Item = &str> {
        let listed = &self.people.credits(role).listed;
        let initials = self.people.initials.iter();
        let used = initials.filter(|(_, range)| listed.range_cardinality(range.clone()) > 0);
        used.map(|(letter, _)| letter.as_str())
    }

    /// Returns all people of a role, or those with an initial of [`Index::initials`]; only those at the
    /// positions `named`, if there are any.
    pub fn people(
        &self,
        role: Role,
        initial: Option<&str>,
        named: Option<&[u32]>,
        sort: Sort,
    ) -> PersonList<'_> {
        let people = &self.people;
        let credits = people.credits(role);
        let listed = match named {
            None => Cow::Borrowed(&credits.listed),
            Some(named) => {
                Cow::Owned(&credits.listed & named.iter().copied().collect::<RoaringBitmap>())
            }
        };
        let positions = match initial {
            None => people.all(),
            Some(letter) => {
                let found = people.initials.iter().find(|(initial, _)| initial == letter);
                found.map_or(0..0, |(_, range)| range.clone())
            }
        };
        PersonList { people, credits, listed, positions, sort }
    }

    /// Returns the id of the `nth` director with a biography, in order of name, wrapping around.
    pub fn nth_with_biography(&self, nth: u32) -> Option<i32> {
        let People { has_biography, ids, .. } = &self.people;
        let directors = has_biography & &self.people.credits(Role::Director).listed;
        super::nth(&directors, nth).map(|position| ids[position as usize])
    }

    /// Returns the people at these positions, which a search of this index found.
    pub fn found_people(&self, positions: &[u32]) -> impl Iterator<Item = FoundPerson> {
        let people = &self.people;
        positions.iter().map(|&at| FoundPerson {
            id: people.id(at),
            movies: self.movies_of_person(at).count(),
            role: people.page_role(at),
        })
    }

    /// Returns the people who act in at least `min` movies with a person, those with the most common
    /// movies first, with the number of common movies.
    pub fn acts_with(&self, id: i32, min: usize, max: usize) -> Vec<FoundPerson> {
        let credits = self.people.credits(Role::Actor);
        let Some(own) = self.people.position(id) else { return Vec::new() };
        let mut common: HashMap<u32, usize> = HashMap::new();
        for movie in credits.movies.get(own) {
            for other in credits.of.get(*movie).iter().filter(|other| **other != own) {
                *common.entry(*other).or_default() += 1;
            }
        }
        let mut common: Vec<(u32, usize)> =
            common.into_iter().filter(|(_, movies)| *movies >= min).collect();
        common.sort_unstable_by_key(|(at, movies)| (Reverse(*movies), *at));
        common.truncate(max);
        let found = |(at, movies)| FoundPerson {
            id: self.people.id(at),
            movies,
            role: self.people.page_role(at),
        };
        common.into_iter().map(found).collect()
    }

    /// Counts those of `movies` that a person has a credit of.
    pub fn credited_in(&self, person: i32, movies: &[i32]) -> i64 {
        let Some(position) = self.people.position(person) else { return 0 };
        let movies: RoaringBitmap = self.documents(movies).into_iter().collect();
        let credited = self.movies_of_person(position).filter(|movie| movies.contains(*movie));
        i64::try_from(credited.count()).unwrap_or(i64::MAX)
    }

    /// Returns the movies of the person at this position, in any role, ascending.
    pub(super) fn movies_of_person(&self, position: u32) -> impl Iterator<Item = Document> {
        let [mut one, mut other] =
            Role::ALL.map(|role| self.people.credits(role).movies.get(position));
        std::iter::from_fn(move || {
            let next = match (one.first(), other.first()) {
                (Some(one), Some(other)) => *one.min(other),
                (Some(only), None) | (None, Some(only)) => *only,
                (None, None) => return None,
            };
            for rest in [&mut one, &mut other] {
                if rest.first() == Some(&next) {
                    *rest = &rest[1..];
                }
            }
            Some(next)
        })
    }
}

impl PersonList<'_> {
    /// Returns the number of people.
    pub fn total(&self) -> i64 {
        super::count(self.listed.range_cardinality(self.positions.clone()))
    }

    /// Returns the people in this range of the list, with the number of movies in their role.
    pub fn page(&self, range: Range<usize>) -> Vec<FoundPerson> {
        let Self { people, credits, listed, positions, sort } = self;
        let found = |at| FoundPerson {
            id: people.id(at),
            movies: credits.movies.get(at).len(),
            role: people.page_role(at),
        };
        match sort {
            Sort::Name => {
                let before = listed.range_cardinality(..positions.start);
                let first = u32::try_from(before + range.start as u64).ok();
                let first = first.and_then(|nth| listed.select(nth));
                let from = first.filter(|first| positions.contains(first));
                let from = from.map(|first| listed.range(first..positions.end));
                from.into_iter().flatten().take(range.len()).map(found).collect()
            }
            Sort::Movies => {
                let chosen = |at: &&u32| positions.contains(*at) && listed.contains(**at);
                let of_letter = credits.by_movies.iter().filter(chosen);
                of_letter.skip(range.start).take(range.len()).copied().map(found).collect()
            }
        }
    }
}
