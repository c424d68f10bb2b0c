//! Removing what no one can find any more.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::folder::{self, Kind};
use super::record::{Content, Hash};
use super::store::Store;

/// No write takes this long.
const ABANDONED: Duration = Duration::from_secs(3600);

impl Store {
    /// Returns how many expired sessions it removed, or with `dry_run` would remove.
    pub fn sweep(&self, limit: usize, dry_run: bool) -> anyhow::Result<usize> {
        let mut count = 0;
        let mut files = self.folder.files()?;
        while count < limit
            && let Some(file) = files.next()
        {
            match file? {
                (path, Kind::Temporary) if !dry_run && is_abandoned(&path) => {
                    self.folder.remove_file(&path)?;
                }
                (_, Kind::Temporary) => {}
                // Without a lock most files prove to be alive.
                (path, Kind::Session(hash)) => {
                    let over = folder::life(&path).map(|life| life.is_over(self.absolute));
                    if over.unwrap_or(true) && self.clear(hash, dry_run)? {
                        count += 1;
                    }
                }
            }
        }
        Ok(count)
    }

    /// Whether that is an expired session, which goes unless this is a `dry_run`.
    fn clear(&self, hash: Hash, dry_run: bool) -> anyhow::Result<bool> {
        // Looked at again under the lock: a request may have prolonged the session meanwhile.
        let file = if dry_run { None } else { Some(self.folder.lock(hash)?) };
        let found = match &file {
            Some(file) => file.read()?,
            None => self.folder.peek(&hash)?,
        };
        let Some(record) = found.filter(|record| record.life.is_over(self.absolute)) else {
            return Ok(false);
        };
        file.map_or(Ok(()), |file| file.remove())?;
        Ok(matches!(record.content, Content::Session(_)))
    }
}

/// A clock that was set back makes no file old.
fn is_abandoned(path: &Path) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|moment| moment.elapsed().is_ok_and(|age| age > ABANDONED))
}
