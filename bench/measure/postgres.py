"""A Postgres of the measurement's own: durable, as it is installed, on a socket."""

import getpass
import glob
import os
import shutil
import subprocess
import time
from pathlib import Path


def binaries():
    found = shutil.which("initdb") or sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1]
    return Path(found).resolve().parent


#: Where a server that does not run as root can reach it; the catalogues stay for the next run.
DATABASES = Path(f"/var/tmp/marquee-bench-{os.getuid()}")


class Postgres:
    """Data in `folder`, kept for the next run; stopped at the end of the `with`."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"
        # The server refuses to run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
        self.bin = binaries()

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            shutil.chown(self.folder, "postgres")
        if not self.data.exists():
            options = "-A trust -U postgres -E UTF8 --locale=C.UTF-8".split()
            self.run("initdb", "-D", self.data, *options)
            with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
                file.write(f"unix_socket_directories = '{self.folder.resolve()}'\n")
                file.write("listen_addresses = ''\nshared_buffers = '1GB'\nmax_wal_size = '4GB'\n")
        self.run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "start")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    def run(self, program, *arguments):
        command = [*self.user, self.bin / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    @property
    def process(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    @property
    def socket(self):
        return str(self.folder.resolve())

    def url(self, database):
        return f"postgres://postgres@{self.socket.replace('/', '%2F')}/{database}"

    def sql(self, database, text):
        """The first column of the last statement's rows, one a line."""
        command = [self.bin / "psql", "-h", self.socket, "-U", "postgres", "-d", database]
        command += ["-qAtX", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(command, input=text, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def has(self, database):
        return self.sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'") == "1"

    def say_ready(self, database):
        """That all is in it, and since when."""
        now = self.sql(database, "SELECT now()")
        self.sql(database, f"COMMENT ON DATABASE {database} IS '{now}'")

    def is_ready(self, database):
        """Whether a run made all of it, and its sessions, which live for a week, are still good."""
        made = "shobj_description(oid, 'pg_database')::timestamptz > now() - interval '6 days'"
        query = f"SELECT 1 FROM pg_database WHERE datname = '{database}' AND {made}"
        return self.sql("postgres", query) == "1"

    def written(self, database):
        """Bytes of write-ahead log so far."""
        return int(self.sql(database, "SELECT pg_current_wal_insert_lsn() - '0/0'"))

    def wait_until_idle(self):
        active = "FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
        while self.sql("postgres", f"SELECT 1 {active} AND backend_type = 'client backend' LIMIT 1"):
            time.sleep(0.2)

    def settle(self, database):
        """Leaves no work of the preparation to the measurement."""
        self.sql(database, "VACUUM ANALYZE")
        self.sql(database, "CHECKPOINT")
