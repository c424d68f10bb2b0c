"""One stretch of load from wrk, and what it cost."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass

from . import processes

LUA = "bench/load.lua"
#: Nothing that is measured takes longer.
MOST_SECONDS = 3600


@dataclass
class Requests:
    """Files with one path and one cookie a line; without the latter nobody has been here before."""

    paths: str
    cookies: str | None
    connections: int = 32


def start(site, requests, seconds):
    environment = {**os.environ, "PATHS": requests.paths}
    if requests.cookies:
        environment["COOKIES"] = requests.cookies
    command = ["wrk", "-t2", f"-c{requests.connections}", f"-d{seconds}s", "--timeout", "30s"]
    command += ["-s", LUA, f"http://127.0.0.1:{site.port}"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finish(wrk):
    output, _ = wrk.communicate()
    if wrk.returncode:
        raise SystemExit(f"wrk ended with {wrk.returncode}")
    return json.loads(output.splitlines()[-1])


def send(site, requests, seconds):
    return finish(start(site, requests, seconds))


def send_during(site, requests, work):
    """From the beginning of `work()` to its end."""
    wrk = start(site, requests, MOST_SECONDS)
    try:
        work()
    finally:
        # It says what it has measured until then.
        wrk.send_signal(signal.SIGINT)
        figures = finish(wrk)
    return figures


def measure(site, postgres, database, requests, seconds, work=None):
    """Figures of `seconds` under load, or of as long as `work()` takes; after a moment to get warm, and
    when nobody is served any more who was measured before."""
    postgres.wait_until_idle()
    warm = send(site, requests, 1)
    program, server = processes.cpu_seconds(site.process), processes.cpu_seconds(postgres.process)
    log = postgres.written(database)
    if work:
        figures = send_during(site, requests, work)
    else:
        figures = send(site, requests, seconds)
    count = max(figures["requests"], 1)
    program = processes.cpu_seconds(site.process) - program
    server = processes.cpu_seconds(postgres.process) - server
    return {
        "requests_per_second": figures["requests"] / figures["seconds"],
        "p50_ms": figures["p50_ms"],
        "p99_ms": figures["p99_ms"],
        "program_ms": program * 1000 / count,
        "postgres_ms": server * 1000 / count,
        "wal_bytes": (postgres.written(database) - log) / count,
        "page_bytes": figures["bytes"] / count,
        "memory_mb": processes.memory(site.process) / 2**20,
        "failed": figures["failed"] + warm["failed"],
        "answered": figures["requests"] + warm["requests"],
    }
