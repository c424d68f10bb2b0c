//! A way to a server that is cut again and again.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Stands in the place of a server's socket, and passes on what comes.
pub struct CutWay {
    socket: PathBuf,
    aside: PathBuf,
    cut: Arc<Notify>,
    listening: JoinHandle<()>,
}

impl CutWay {
    pub fn lay(socket: &Path) -> Self {
        let aside = socket.with_extension("aside");
        fs::rename(socket, &aside).unwrap();
        let listener = UnixListener::bind(socket).unwrap();
        fs::set_permissions(socket, Permissions::from_mode(0o777)).unwrap();
        let cut = Arc::<Notify>::default();
        let (way, knife) = (aside.clone(), cut.clone());
        let listening = tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let (way, knife) = (way.clone(), knife.clone());
                tokio::spawn(async move {
                    let Ok(mut to) = UnixStream::connect(way).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut from, &mut to) => {}
                        () = knife.notified() => {}
                    }
                });
            }
        });
        Self { socket: socket.to_owned(), aside, cut, listening }
    }

    /// Drops every connection, in the middle of what it is at.
    pub fn cut(&self) {
        self.cut.notify_waiters();
    }
}

impl Drop for CutWay {
    fn drop(&mut self) {
        fs::rename(&self.aside, &self.socket).unwrap();
        self.listening.abort();
        self.cut();
    }
}
