"""Many connections, slow ones, and a long run, against two processes of the site on this machine.

Fails when an idle connection is lost, a page fails, slow clients keep their connections, or memory
grows."""

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

from . import load, processes, report, sites
from .postgres import Postgres

FOLDER = Path("target/bench")
PORTS = (9301, 9302)
PAGES = ["/", "/movies", "/movies?tag=drama&sort=newest", "/movies/rashomon-1950", "/directors",
         "/directors/akira-kurosawa", "/tags", "/search?q=kurosawa", "/watchlist", "/you"]


def arguments():
    parser = argparse.ArgumentParser(prog="bench/endure", description=__doc__)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--idle", type=int, default=10_000, help="connections")
    parser.add_argument("--busy", type=int, default=500, help="connections")
    parser.add_argument("--slow", type=int, default=1_000, help="connections")
    parser.add_argument("--soak", type=int, default=600, help="seconds")
    return parser.parse_args()


def megabytes(running):
    return sum(processes.memory(site.process) for site in running) / 2**20


def cookies(site, count):
    found = []
    for _ in range(count):
        with urllib.request.urlopen(f"http://127.0.0.1:{site.port}/movies") as answer:
            found.append(answer.headers["Set-Cookie"].split(";")[0])
    return found


async def ask(connection):
    """Whether the connection answers."""
    reader, writer = connection
    try:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        return head.startswith(b"HTTP/1.1 200")
    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
        return False


async def connect(port):
    return await asyncio.open_connection("127.0.0.1", port)


async def all_answer(connections):
    answers = []
    for start in range(0, len(connections), 200):
        answers += await asyncio.gather(*map(ask, connections[start : start + 200]))
    return sum(answers)


async def idle_and_busy(chosen, running, asked):
    """Memory with idle connections, and what busy ones get beside them."""
    before = megabytes(running)
    connections = []
    for number in range(chosen.idle):
        connections.append(await connect(PORTS[number % 2]))
    assert await all_answer(connections) == chosen.idle, "idle connections are lost"
    held = megabytes(running)
    busy = load.Requests(*asked, connections=chosen.busy // 2)
    runs = [asyncio.to_thread(load.send, site, busy, 20) for site in running]
    figures = await asyncio.gather(*runs)
    assert await all_answer(connections) == chosen.idle, "idle connections are lost"
    for _, writer in connections:
        writer.close()
    refused = sum(one["refused"] for one in figures)
    failed = sum(one["failed"] for one in figures) - refused
    rate = sum(one["requests"] / one["seconds"] for one in figures)
    p99 = max(one["p99_ms"] for one in figures)
    print(f"{chosen.idle} idle connections: {before:.0f} MB without, {held:.0f} MB with them")
    print(f"{chosen.busy} busy ones beside them: {rate:.0f} pages/s, p99 {p99:.0f} ms, {refused} refused"
          f" (503, come again), {failed} failed", flush=True)
    assert failed == 0


async def trickle(port):
    """Sends a head that never ends; how long the site bears it."""
    began = time.monotonic()
    reader, writer = await connect(port)
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        while time.monotonic() - began < 30:
            writer.write(b"x")
            await writer.drain()
            try:
                if not await asyncio.wait_for(reader.read(1000), 1):
                    break
            except asyncio.TimeoutError:
                pass
    except OSError:
        pass
    writer.close()
    return time.monotonic() - began


async def slow(chosen, running, asked):
    beside = load.Requests(*asked, connections=16)
    tasks = [asyncio.create_task(trickle(PORTS[number % 2])) for number in range(chosen.slow)]
    figures = await asyncio.to_thread(load.send, running[0], beside, 10)
    borne = max(await asyncio.gather(*tasks))
    print(f"{chosen.slow} slow heads: each gone within {borne:.1f} s; beside them {figures['failed']} pages failed,"
          f" p99 {figures['p99_ms']:.0f} ms", flush=True)
    assert borne < 12 and figures["failed"] == 0


async def soak(chosen, running, asked):
    steady = load.Requests(*asked, connections=4)
    runs = [asyncio.to_thread(load.send, site, steady, chosen.soak) for site in running]
    sending = asyncio.gather(*runs)
    samples = []
    while not sending.done():
        await asyncio.wait([sending], timeout=5)
        samples.append(megabytes(running))
    figures = await sending
    # The first tenth fills caches.
    samples = samples[len(samples) // 10 :]
    third = max(len(samples) // 3, 1)
    first, last = statistics.median(samples[:third]), statistics.median(samples[-third:])
    failed, count = sum(one["failed"] for one in figures), sum(one["requests"] for one in figures)
    print(f"{chosen.soak} s, {count} pages, {failed} failed: memory {first:.0f} MB in the first third,"
          f" {last:.0f} MB in the last, {max(samples):.0f} MB at most", flush=True)
    assert failed == 0 and last < first * 1.05 + 2


def allow_files(chosen):
    """As many files as the system gives; inherited by the sites, of which a connection takes up to two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = chosen.idle + chosen.busy + 1_500
    if resource.RLIM_INFINITY != most < needed:
        raise SystemExit(f"ulimit -n allows {most} files, and {needed} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main():
    chosen = arguments()
    allow_files(chosen)
    print(report.machine(), flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Postgres(Path(f"/var/tmp/marquee-endure-{os.getuid()}")) as postgres:
        if not postgres.has("endure"):
            postgres.sql("postgres", "CREATE DATABASE endure")
        environment = {**os.environ, "DATABASE_URL": postgres.url("endure")}
        program = chosen.programs / "marquee"
        subprocess.run([program, "import", "--demo"], env=environment, check=True, capture_output=True)
        one, two = (sites.marquee(chosen.programs, postgres, "endure", port) for port in PORTS)
        one.name, two.name = "endure one", "endure two"
        with one, two:
            (FOLDER / "paths").write_text("\n".join(PAGES) + "\n")
            (FOLDER / "cookies").write_text("\n".join(cookies(one, 200)) + "\n")
            asked = (str(FOLDER / "paths"), str(FOLDER / "cookies"))
            for part in (idle_and_busy, slow, soak):
                asyncio.run(part(chosen, (one, two), asked))
    print("endured")


if __name__ == "__main__":
    main()
