//! This test program once more, as another process or another user.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

const ROLE: &str = "SESSION_TEST_ROLE";
const FOLDER: &str = "SESSION_TEST_FOLDER";
const KEY: &str = "SESSION_TEST_KEY";
/// `nobody` on most systems; no rights of its own on any.
const NOBODY: u32 = 65_534;

/// What the other process does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    Visits,
    Endless,
    FullDisk,
    FewFiles,
    ReadOnlyFolder,
    UnreadableFile,
    ClosedFolder,
    Log,
}

const ROLES: [Role; 8] = [
    Role::Visits,
    Role::Endless,
    Role::FullDisk,
    Role::FewFiles,
    Role::ReadOnlyFolder,
    Role::UnreadableFile,
    Role::ClosedFolder,
    Role::Log,
];

/// Ends with the test, however that ends.
pub struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Other {
    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// At once, as a crash would.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// What it prints, line by line.
    pub fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap()).lines().map(Result::unwrap)
    }

    pub fn assert_success(mut self) {
        let status = self.0.wait().unwrap();
        let mut output = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        assert!(status.success() && output.contains("1 passed"), "{status}\n{output}");
    }
}

pub fn spawn(role: Role, folder: &Path, key: &str) -> Other {
    start(Command::new("/proc/self/exe"), role, folder, key)
}

/// Where a file's modes count, unlike for root.
pub fn spawn_as_ordinary_user(role: Role, folder: &Path, key: &str) -> Other {
    let mut command = Command::new("/proc/self/exe");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    start(command, role, folder, key)
}

/// Within limits of `ulimit`.
pub fn spawn_limited(limit: &str, role: Role, folder: &Path, key: &str) -> Other {
    let mut command = Command::new("sh");
    // Else the signal would end the process before it sees the error.
    let script = format!(r#"trap "" XFSZ; ulimit {limit}; exec "$0" "$@""#);
    command.args(["-c", &script]).arg(std::env::current_exe().unwrap());
    start(command, role, folder, key)
}

/// Gives the folder to the user of [`spawn_as_ordinary_user`].
pub fn give_away(path: &Path) {
    if is_root() {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn start(mut command: Command, role: Role, folder: &Path, key: &str) -> Other {
    let (_, module) = module_path!().split_once("::").unwrap();
    let test = format!("{module}::play_a_role");
    command.args(["--exact", &test, "--ignored", "--nocapture", "--test-threads=1"]);
    command.env(ROLE, format!("{role:?}")).env(FOLDER, folder).env(KEY, key).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    Other(command.spawn().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "other tests run it in a process of its own"]
async fn play_a_role() {
    let Ok(name) = std::env::var(ROLE) else { return };
    let role = ROLES.into_iter().find(|role| format!("{role:?}") == name).unwrap();
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let key = Key::from_token(std::env::var(KEY).unwrap());
    let open = || FileEngine::open(&folder, PREFIX, None);
    match role {
        Role::Visits => crowd::visit_as_second_process(&open().unwrap(), &key).await,
        Role::Endless => crowd::write_without_end(&open().unwrap(), &key).await,
        Role::FullDisk => trouble::write_to_full_disk(&open().unwrap(), &key).await,
        Role::FewFiles => trouble::read_without_files_to_open(&open().unwrap(), &key).await,
        Role::ReadOnlyFolder => trouble::write_to_read_only_folder(&folder, &key).await,
        Role::ClosedFolder => trouble::read_from_closed_folder(&folder, &key).await,
        Role::UnreadableFile => damage::read_unreadable_file(&open().unwrap(), &key).await,
        Role::Log => damage::log_damage(&open().unwrap(), &key).await,
    }
}
