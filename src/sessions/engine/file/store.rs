//! The life of a session, step by step; each waits for the file system.

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};

use super::change::Change;
use super::folder::{Folder, Locked};
use super::record::{self, Content, Hash, Life, Record};
use crate::sessions::data::Data;
use crate::sessions::engine::{Loaded, Touched};
use crate::sessions::key::Key;

/// How long requests under way with a retired key are looked after.
const RETIREMENT: TimeDelta = TimeDelta::minutes(2);
/// No visitor changes keys so often in that time.
const LONGEST_CHAIN: usize = 1000;

#[derive(Clone)]
pub struct Store {
    pub folder: Folder,
    /// How long a session lives at most.
    pub absolute: Option<TimeDelta>,
}

/// A session after a change.
pub struct Changed {
    pub data: Data,
    /// Whether it has another key by now.
    pub followed: bool,
}

impl Store {
    pub fn load(&self, hash: &Hash) -> anyhow::Result<Loaded> {
        let found = self.folder.read(*hash)?.filter(|record| !record.life.is_over(self.absolute));
        Ok(match found.map(|record| record.content) {
            Some(Content::Session(data)) => Loaded::Found(data),
            Some(Content::Retired(_)) => Loaded::Retired,
            None => Loaded::Missing,
        })
    }

    pub fn insert(&self, data: Data, expires: DateTime<Utc>) -> anyhow::Result<Key> {
        record::check(&data)?;
        let key = Key::generate();
        let life = Life { created: Utc::now(), expires };
        self.folder.create(&key.hash(), &Record { life, content: Content::Session(data) })?;
        Ok(key)
    }

    /// `None` when the session is gone.
    pub fn change(
        &self,
        hash: Hash,
        change: &Change,
        expires: DateTime<Utc>,
    ) -> anyhow::Result<Option<Changed>> {
        change.values().map_or(Ok(()), record::check)?;
        let Some(Held { file, mut life, mut data, followed }) = self.follow(hash)? else {
            return Ok(None);
        };
        if change.prolongs(&data) {
            life.expires = expires;
        }
        change.apply(&mut data);
        let record = Record { life, content: Content::Session(data.clone()) };
        file.write(&record)?;
        Ok(Some(Changed { data, followed }))
    }

    /// Looks first without a lock: most of the time nothing is due.
    pub fn touch(
        &self,
        key: &Key,
        expires: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> anyhow::Result<Touched> {
        let hash = key.hash();
        let found = self.folder.read(hash)?.map(|Record { life, content }| (life, content));
        if let Some(instead) = self.instead(found.as_ref(), due) {
            return Ok(instead);
        }
        let file = self.folder.lock(hash)?;
        let found = self.live(&file)?;
        if let Some(instead) = self.instead(found.as_ref(), due) {
            return Ok(instead);
        }
        if let Some((life, content)) = found {
            file.write(&Record { life: Life { expires, ..life }, content })?;
        }
        Ok(Touched::Prolonged(key.clone()))
    }

    /// What stands in the way of prolonging what was found, if anything does.
    fn instead(&self, found: Option<&(Life, Content)>, due: DateTime<Utc>) -> Option<Touched> {
        match found.filter(|(life, _)| !life.is_over(self.absolute)) {
            Some((life, Content::Session(data))) => Touched::instead(data, life.expires, due),
            Some((_, Content::Retired(_))) => Some(Touched::Retired),
            None => Some(Touched::Missing),
        }
    }

    /// Replacing the old file is the step that counts: before it no one knows the new one, after
    /// it all are sent there.
    pub fn rotate(
        &self,
        hash: &Hash,
        change: &Change,
        expires: DateTime<Utc>,
    ) -> anyhow::Result<Option<Key>> {
        change.values().map_or(Ok(()), record::check)?;
        let file = self.folder.lock(*hash)?;
        let Some((mut life, Content::Session(mut data))) = self.live(&file)? else {
            return Ok(None);
        };
        life.expires = expires;
        change.apply(&mut data);
        let key = Key::generate();
        self.folder.create(&key.hash(), &Record { life, content: Content::Session(data) })?;
        let now = Utc::now();
        let life = Life { created: now, expires: now + RETIREMENT };
        if let Err(error) = file.write(&Record { life, content: Content::Retired(key.hash()) }) {
            // Unknown to all it would only lie there until it expires.
            let _ = self.folder.discard(&key.hash());
            return Err(error);
        }
        Ok(Some(key))
    }

    /// A request under way that ends the session means it under any key.
    pub fn delete(&self, hash: Hash) -> anyhow::Result<()> {
        self.follow(hash)?.map_or(Ok(()), |held| held.file.remove())
    }

    /// Locks the session that this key stands for, if it lives.
    fn follow(&self, first: Hash) -> anyhow::Result<Option<Held<'_>>> {
        let mut hash = first;
        for _ in 0..LONGEST_CHAIN {
            let file = self.folder.lock(hash)?;
            match self.live(&file)? {
                Some((life, Content::Session(data))) => {
                    return Ok(Some(Held { file, life, data, followed: hash != first }));
                }
                Some((_, Content::Retired(successor))) => hash = successor,
                None => return Ok(None),
            }
        }
        bail!("the key was changed too often")
    }

    fn live(&self, file: &Locked<'_>) -> anyhow::Result<Option<(Life, Content)>> {
        let found = file.read()?.filter(|record| !record.life.is_over(self.absolute));
        Ok(found.map(|Record { life, content }| (life, content)))
    }
}

/// A live session that no one else can change.
struct Held<'a> {
    file: Locked<'a>,
    life: Life,
    data: Data,
    followed: bool,
}
