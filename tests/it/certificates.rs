//! An authority of a test's own, and what it certifies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub struct Authority {
    folder: TempDir,
}

impl Authority {
    /// It certifies one server: `localhost`, by name alone.
    pub fn new() -> Self {
        let authority = Self { folder: TempDir::new().unwrap() };
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let days = ["-days", "2"];
        let files = ["-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=an authority"];
        authority.openssl(&[&["req", "-x509"][..], &key, &files, &days].concat());
        let files = ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"];
        authority.openssl(&[&["req"][..], &key, &files].concat());
        fs::write(authority.path("names"), "subjectAltName=DNS:localhost").unwrap();
        let files = ["-in", "server.csr", "-out", "server.crt", "-extfile", "names"];
        let signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
        authority.openssl(&[&["x509", "-req"][..], &files, &signer, &days].concat());
        authority
    }

    fn openssl(&self, args: &[&str]) {
        let mut command = Command::new("openssl");
        command.args(args).current_dir(self.folder.path()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "openssl {args:?}");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The certificate authority that clients trust.
    pub fn root(&self) -> PathBuf {
        self.path("ca.crt")
    }

    /// Puts `server.crt` and `server.key` into a folder.
    pub fn certify(&self, folder: &Path) {
        for name in ["server.crt", "server.key"] {
            fs::copy(self.path(name), folder.join(name)).unwrap();
        }
    }
}
