"""What is measured, as running programs."""

import os
import subprocess
import time
import urllib.request
from pathlib import Path

PATIENCE = 120
#: Not resolved: what its links lead to knows nothing of the environment.
VENV = Path("target/bench/venv/bin").absolute()


class Site:
    """A program that answers on a port; ended at the end of the `with`."""

    def __init__(self, name, command, port, environment=None, folder=None):
        self.name, self.port = name, port
        self.command, self.folder = [str(part) for part in command], folder
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self):
        begun = time.monotonic()
        with open(f"target/bench/{self.name}.log".replace(" ", "-"), "w", encoding="utf-8") as log:
            self.running = subprocess.Popen(
                self.command, env=self.environment, cwd=self.folder, stdout=log, stderr=log
            )
        while True:
            try:
                self.get("/movies")
                break
            except OSError:
                if self.running.poll() is not None or time.monotonic() - begun > PATIENCE:
                    raise SystemExit(f"{self.name} does not start: see target/bench")
                time.sleep(0.005)
        self.start_ms = (time.monotonic() - begun) * 1000
        return self

    def __exit__(self, *_):
        self.running.terminate()
        self.running.wait()

    @property
    def process(self):
        return self.running.pid

    def get(self, path, cookie=None):
        """Body of the page; anything but a 200 is an error."""
        headers = {"Cookie": cookie} if cookie else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()


def marquee(programs, postgres, database, port):
    environment = {"DATABASE_URL": postgres.url(database), "PORT": str(port), "RUST_LOG": "warn"}
    return Site("marquee", [programs / "marquee"], port, environment)


def limit(programs, page, port):
    return Site("bytes", [programs / "examples/static_bytes", port, page], port)


#: Server and number of processes; the quickest of them is Django's.
DJANGO_SERVERS = [("gunicorn", 2), ("gunicorn", 4), ("granian", 2), ("granian", 4)]


def django_environment(postgres, database, redis):
    environment = {"BENCH_DATABASE": postgres.socket, "BENCH_NAME": database}
    return {**environment, "BENCH_REDIS": redis} if redis else environment


def django(name, server, workers, port, environment):
    if server == "gunicorn":
        command = [VENV / "gunicorn", "-b", f"127.0.0.1:{port}", "-w", workers, "--keep-alive", 60]
        # Synchronous workers would close the connection after each answer.
        command += ["-k", "gthread", "--threads", 1, "wsgi"]
    else:
        command = [VENV / "granian", "--interface", "wsgi", "--port", port, "--no-ws"]
        command += ["--workers", workers, "--blocking-threads", 1, "wsgi:application"]
    return Site(name, command, port, environment, "bench/django")


def manage(environment, *arguments, text=None):
    """Output of a Django command."""
    command = [VENV / "python", "manage.py", *arguments]
    environment = {**os.environ, **environment}
    done = subprocess.run(
        command, input=text, check=True, text=True, env=environment, cwd="bench/django",
        stdout=subprocess.PIPE,
    )
    return done.stdout.strip()


class Redis:
    """A Redis that keeps nothing, on a socket."""

    def __init__(self, folder):
        self.socket = folder.resolve() / "redis.sock"

    def __enter__(self):
        command = ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", ""]
        self.running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not self.socket.exists():
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.running.terminate()
        self.running.wait()

    @property
    def url(self):
        return f"unix://{self.socket}"
