//! People and tags as operators write them: a name, and what tells it apart from the same name.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::problem::{EditError, Invalid, Reason};
use super::track::Operation;
use super::{Kind, changes, slugs};
use crate::catalog::fold::{slug, sort_name};
use crate::catalog::record::PersonName;
use crate::catalog::record::text::tag_name;
use crate::db::Connection;
use crate::schema::{people, tags};

/// A name as a form shows it: `Name`, or `Name [slug]` where several people share the name.
pub type Label = String;

/// A line of a form: `Name`, `Name [slug]` or `Name (nm0000041)`, in a cast followed by ` as Part`.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    pub slug: Option<String>,
    pub imdb: Option<String>,
}

/// Separates an actor from the part.
const AS: &str = " as ";

/// Returns the person of a line of a cast, and the part.
pub fn split_part(line: &str) -> (&str, Option<&str>) {
    match line.split_once(AS) {
        Some((person, part)) => (person.trim(), Some(part.trim()).filter(|part| !part.is_empty())),
        None => (line.trim(), None),
    }
}

/// Returns the line of a cast.
pub fn with_part(person: &str, part: Option<&str>) -> String {
    part.map_or_else(|| person.to_owned(), |part| format!("{person}{AS}{part}"))
}

impl Line {
    pub fn person(&self) -> PersonName {
        PersonName { name: self.name.clone(), imdb: self.imdb.clone() }
    }
}

pub fn parse(line: &str) -> Line {
    let line = line.trim();
    let suffix = |open: &str, close: &str| {
        let (name, inside) = line.strip_suffix(close)?.rsplit_once(open)?;
        Some((name.trim().to_owned(), inside.trim().to_owned()))
            .filter(|(name, _)| !name.is_empty())
    };
    if let Some((name, slug)) = suffix("[", "]") {
        return Line { name, slug: Some(slug), imdb: None };
    }
    match suffix("(", ")") {
        Some((name, imdb)) if imdb.starts_with("nm") => Line { name, slug: None, imdb: Some(imdb) },
        _ => Line { name: line.to_owned(), slug: None, imdb: None },
    }
}

#[derive(HasQuery, Clone)]
#[diesel(table_name = people)]
struct Person {
    id: i32,
    slug: String,
    name: String,
    imdb: Option<String>,
}

pub async fn labels_of_people(
    conn: &mut Connection,
    ids: &BTreeSet<i32>,
) -> QueryResult<HashMap<i32, Label>> {
    let named: Vec<Person> = Person::query().filter(people::id.eq_any(ids)).load(conn).await?;
    let names: Vec<&str> = named.iter().map(|person| person.name.as_str()).collect();
    let shared: Vec<String> = people::table
        .filter(people::name.eq_any(names))
        .group_by(people::name)
        .having(diesel::dsl::count_star().gt(1))
        .select(people::name)
        .load(conn)
        .await?;
    let label = |person: Person| match shared.contains(&person.name) {
        true => (person.id, format!("{} [{}]", person.name, person.slug)),
        false => (person.id, person.name),
    };
    Ok(named.into_iter().map(label).collect())
}

pub async fn labels_of_tags(
    conn: &mut Connection,
    ids: &BTreeSet<i32>,
) -> QueryResult<HashMap<i32, Label>> {
    let named = tags::table.filter(tags::id.eq_any(ids)).select((tags::id, tags::name));
    Ok(named.load::<(i32, String)>(conn).await?.into_iter().collect())
}

/// Returns the person of each line. With `create`, a name that nobody has is added.
///
/// # Errors
/// [`EditError::Invalid`] for unknown names and for names that several people have.
pub async fn people_of(
    conn: &mut Connection,
    field: &'static str,
    lines: &BTreeSet<String>,
    create: bool,
    operation: &Operation<'_>,
) -> Result<HashMap<String, i32>, EditError> {
    let parsed: Vec<(&String, Line)> = lines.iter().map(|line| (line, parse(line))).collect();
    let names: Vec<&str> = parsed.iter().map(|(_, line)| line.name.as_str()).collect();
    let given: Vec<&str> = parsed.iter().filter_map(|(_, line)| line.slug.as_deref()).collect();
    let imdb: Vec<&str> = parsed.iter().filter_map(|(_, line)| line.imdb.as_deref()).collect();
    let known: Vec<Person> = Person::query()
        .filter(people::name.eq_any(&names))
        .or_filter(people::slug.eq_any(&given))
        .or_filter(people::imdb.assume_not_null().eq_any(&imdb))
        .order(people::id)
        .load(conn)
        .await?;
    let former =
        names.iter().map(|name| slug(name, None)).chain(given.iter().map(|s| (*s).to_owned()));
    let former = slugs::former(conn, Kind::Person, &former.collect::<Vec<_>>()).await?;
    let (mut found, mut invalid) = (HashMap::new(), Vec::new());
    for (text, line) in parsed {
        let matching: Vec<&Person> = match (&line.slug, &line.imdb) {
            (Some(slug), _) => known.iter().filter(|one| one.slug == *slug).collect(),
            (_, Some(imdb)) => known.iter().filter(|one| one.imdb.as_ref() == Some(imdb)).collect(),
            _ => known.iter().filter(|one| one.name == line.name).collect(),
        };
        let old_slug = line.slug.clone().unwrap_or_else(|| slug(&line.name, None));
        match (matching.as_slice(), former.get(&old_slug)) {
            ([one], _) => _ = found.insert(text.clone(), one.id),
            ([], Some(id)) if line.imdb.is_none() => _ = found.insert(text.clone(), *id),
            ([], _) if create && line.slug.is_none() => {
                let id = add_person(conn, &line, operation).await?;
                found.insert(text.clone(), id);
            }
            ([], _) => invalid.push(Invalid::new(field, Reason::UnknownName(text.clone()))),
            (several, _) => {
                let choice = |one: &&Person| format!("{} [{}]", one.name, one.slug);
                let choices = several.iter().map(choice).collect();
                let name = line.name.clone();
                invalid.push(Invalid::new(field, Reason::Ambiguous { name, choices }));
            }
        }
    }
    if invalid.is_empty() { Ok(found) } else { Err(EditError::Invalid(invalid)) }
}

/// Returns the tag of each name. With `create`, unknown ones are added.
///
/// # Errors
/// [`EditError::Invalid`] for unknown names.
pub async fn tags_of(
    conn: &mut Connection,
    names: &BTreeSet<String>,
    create: bool,
    operation: &Operation<'_>,
) -> Result<HashMap<String, i32>, EditError> {
    let wanted: Vec<String> = names.iter().map(|name| slug(name, None)).collect();
    let known: HashMap<String, i32> = tags::table
        .filter(tags::slug.eq_any(&wanted))
        .select((tags::slug, tags::id))
        .load::<(String, i32)>(conn)
        .await?
        .into_iter()
        .collect();
    let by_name: HashMap<String, i32> = tags::table
        .filter(tags::name.eq_any(names))
        .select((tags::name, tags::id))
        .load::<(String, i32)>(conn)
        .await?
        .into_iter()
        .collect();
    let former = slugs::former(conn, Kind::Tag, &wanted).await?;
    let (mut found, mut invalid) = (HashMap::new(), Vec::new());
    for (name, slug) in names.iter().zip(wanted) {
        let id = by_name.get(name).or_else(|| known.get(&slug)).or_else(|| former.get(&slug));
        let id = match id {
            Some(id) => *id,
            None if create => {
                let (title, slug) = (tag_name(name), slugs::free(conn, Kind::Tag, &slug).await?);
                let id = super::tag::insert(conn, &title, &slug).await?;
                changes::created(conn, Kind::Tag, id, operation).await?;
                id
            }
            None => {
                invalid.push(Invalid::new("tags", Reason::UnknownName(name.clone())));
                continue;
            }
        };
        found.insert(name.clone(), id);
    }
    if invalid.is_empty() { Ok(found) } else { Err(EditError::Invalid(invalid)) }
}

async fn add_person(
    conn: &mut Connection,
    line: &Line,
    operation: &Operation<'_>,
) -> Result<i32, EditError> {
    let slug = slugs::free(conn, Kind::Person, &slug(&line.name, None)).await?;
    let id = diesel::insert_into(people::table)
        .values((
            people::slug.eq(slug),
            people::name.eq(&line.name),
            people::sort_name.eq(sort_name(&line.name)),
            people::imdb.eq(&line.imdb),
        ))
        .returning(people::id)
        .get_result(conn)
        .await?;
    changes::created(conn, Kind::Person, id, operation).await?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_may_hold_a_slug_or_an_identifier() {
        let line = |name: &str, slug: Option<&str>, imdb: Option<&str>| Line {
            name: name.to_owned(),
            slug: slug.map(str::to_owned),
            imdb: imdb.map(str::to_owned),
        };
        assert_eq!(parse(" Akira Kurosawa "), line("Akira Kurosawa", None, None));
        assert_eq!(parse("Ann Other [ann-other-2]"), line("Ann Other", Some("ann-other-2"), None));
        assert_eq!(parse("Ann Other (nm0000041)"), line("Ann Other", None, Some("nm0000041")));
        assert_eq!(parse("Ann (the other)"), line("Ann (the other)", None, None));
        assert_eq!(parse("[x]"), line("[x]", None, None));
    }

    #[test]
    fn line_of_a_cast_may_name_the_part() {
        let written = "Toshirō Mifune [toshiro-mifune] as Kikuchiyo";
        let (person, part) = split_part(written);
        assert_eq!((person, part), ("Toshirō Mifune [toshiro-mifune]", Some("Kikuchiyo")));
        assert_eq!(with_part(person, part), written);
        assert_eq!(split_part("Cass Daley"), ("Cass Daley", None));
    }
}
