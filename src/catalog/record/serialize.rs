//! The JSON form of records: what is kept is left out, what is cleared is `null`.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{CreditName, Key, MovieRecord, Patch, PersonName, PersonRecord, SourcedText};

impl Serialize for MovieRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut entry = Entries(&mut map);
        entry.some(Key::Slug, self.slug.as_ref())?;
        entry.some(Key::Title, Some(&self.title))?;
        entry.patch(Key::OriginalTitle, &self.original_title)?;
        entry.patch(Key::Year, &self.year)?;
        entry.patch(Key::Released, &self.released)?;
        entry.patch(Key::Runtime, &self.runtime)?;
        entry.patch(Key::Directors, &self.directors)?;
        entry.patch(Key::Tags, &self.tags)?;
        entry.patch(Key::Country, &self.countries)?;
        entry.patch(Key::Language, &self.languages)?;
        entry.patch(Key::Cast, &self.cast)?;
        entry.text(Key::Synopsis, &self.synopsis)?;
        for (scheme, identifier) in &self.identifiers {
            entry.named(scheme.name(), identifier)?;
        }
        entry.some(Key::Ids, Some(&self.list_ids).filter(|ids| !ids.is_empty()))?;
        map.end()
    }
}

impl Serialize for PersonRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut entry = Entries(&mut map);
        entry.some(Key::Slug, self.slug.as_ref())?;
        entry.0.serialize_entry("director", &self.person.name)?;
        entry.patch(Key::SortName, &self.sort_name)?;
        entry.some(Key::Imdb, self.person.imdb.as_ref())?;
        entry.patch(Key::Born, &self.born)?;
        entry.patch(Key::Died, &self.died)?;
        entry.patch(Key::Country, &self.country)?;
        entry.text(Key::Biography, &self.biography)?;
        map.end()
    }
}

impl Serialize for PersonName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(imdb) = &self.imdb else { return serializer.serialize_str(&self.name) };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("imdb", imdb)?;
        map.end()
    }
}

impl Serialize for CreditName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(character) = &self.character else { return self.person.serialize(serializer) };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.person.name)?;
        if let Some(imdb) = &self.person.imdb {
            map.serialize_entry("imdb", imdb)?;
        }
        map.serialize_entry("character", character)?;
        map.end()
    }
}

struct Entries<'a, M>(&'a mut M);

impl<M: SerializeMap> Entries<'_, M> {
    fn some(&mut self, key: Key, value: Option<&impl Serialize>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.0.serialize_entry(key.name(), value))
    }

    fn patch(&mut self, key: Key, patch: &Patch<impl Serialize>) -> Result<(), M::Error> {
        self.named(key.name(), patch)
    }

    fn named(&mut self, name: &str, patch: &Patch<impl Serialize>) -> Result<(), M::Error> {
        match patch {
            Patch::Keep => Ok(()),
            Patch::Clear => self.0.serialize_entry(name, &()),
            Patch::Set(value) => self.0.serialize_entry(name, value),
        }
    }

    fn text(&mut self, key: Key, text: &Patch<SourcedText>) -> Result<(), M::Error> {
        let Patch::Set(SourcedText { text, source, url }) = text else {
            return self.patch(key, &text.to_unit());
        };
        self.0.serialize_entry(key.name(), text)?;
        if let Some(source) = source {
            self.0.serialize_entry(Key::Source.name(), &source.name)?;
            self.0.serialize_entry(Key::Licence.name(), &source.licence)?;
            self.some(Key::LicenceUrl, source.licence_url.as_ref())?;
        }
        self.some(Key::SourceUrl, url.as_ref())
    }
}

impl<T> Patch<T> {
    fn to_unit(&self) -> Patch<()> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(_) => Patch::Set(()),
        }
    }
}
