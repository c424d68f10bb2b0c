"""Memory of one process under attack: see bench/ceiling."""

import argparse
import asyncio
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

DATA_LIMIT = 256 << 20
MAX_P99 = 1.0
BOUNDARY = "bbbbbb"


class Site:
    """A process of the site with a private database and the demonstration catalogue."""

    def __init__(self, program, folder, files):
        self.log = f"{folder}/log"
        log = open(self.log, "w+b")
        environment = {
            "PATH": os.environ["PATH"],
            "HOST": "127.0.0.1",
            "PORT": "0",
            "DATA_DIR": f"{folder}/data",
            "RATE_LIMIT": "0",
            "RUST_LOG": "warn,marquee=info,marquee::access=warn",
        }
        command = ["prlimit", f"--data={DATA_LIMIT}", f"--nofile={files}", program]
        self.process = subprocess.Popen(command, env=environment, stderr=log, cwd=folder)
        while True:
            text = open(self.log).read()
            if "is open at " in text:
                break
            if self.process.poll() is not None:
                sys.exit(text)
            time.sleep(0.1)
        address = text.split("is open at http://")[1].split()[0]
        self.host, port = address.split(":")
        self.port = int(port)

    def memory(self):
        """Resident memory in bytes, or None when the process has ended."""
        try:
            for line in open(f"/proc/{self.process.pid}/status"):
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) << 10
        except FileNotFoundError:
            pass
        return None

    async def open(self):
        return await asyncio.open_connection(self.host, self.port)

    async def ask(self, head, body=b"", read=True, pieces=()):
        """Sends one request; returns the status, 0 when the site hung up."""
        reader, writer = await self.open()
        try:
            writer.write(head.encode() + body)
            for piece in pieces:
                await writer.drain()
                writer.write(piece)
            await writer.drain()
            if not read:
                await asyncio.sleep(random.uniform(20, 60))
                return 0
            line = await reader.readline()
            while await reader.read(1 << 16):
                pass
            return int(line.split()[1]) if line else 0
        except (ConnectionError, asyncio.IncompleteReadError):
            return 0
        finally:
            writer.close()


def get(path, headers=""):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"


def post(path, length, headers=""):
    sized = f"Content-Length: {length}\r\n" if length is not None else "Transfer-Encoding: chunked\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{sized}{headers}\r\n"


def upload(file):
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'.encode()
        + file
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    return post("/you/import", len(body), kind), body


KIND = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
BOMB = gzip.compress(bytes(100 << 20), 1)[: 200 << 10]


async def endless_body(site):
    await site.ask(post("/you/import", None, KIND), pieces=[CHUNK] * 400)


async def announced_body(site):
    await site.ask(post("/you/import", 838860800, KIND), pieces=[b"x" * 0x10000] * 400)


async def compressed_body(site):
    head = post("/preferences", len(BOMB), "Content-Encoding: gzip\r\n")
    await site.ask(head, BOMB)


async def long_parameter(site):
    path = random.choice(["/movies/by/director", "/movies", "/directors", "/search", "/tags"])
    name = random.choice(["sort", "per", "view", "seen", "x", "q", "tag"])
    await site.ask(get(f"{path}?{name}={chr(39) * 15800}"), read=random.random() < 0.5)


async def many_lines(site):
    line = random.choice([b",\n", b"a\n", b"Ran\n", b"\n"])
    await site.ask(*upload(b"Name\n" + line * (1_000_000 // len(line))))


async def slow_reader(site):
    path = random.choice(["/movies?per=96", "/sitemap-movies-0.xml", "/movies?per=96&view=table"])
    await site.ask(get(path), read=False)


async def unique_address(site):
    await site.ask(get(f"/movies?x={random.random()}&page={random.randrange(1, 9)}"))


ATTACKS = [
    (endless_body, 4),
    (announced_body, 4),
    (compressed_body, 10),
    (long_parameter, 100),
    (many_lines, 20),
    (slow_reader, 100),
    (unique_address, 4),
]


async def repeat(attack, site, until):
    while time.monotonic() < until:
        try:
            await asyncio.wait_for(attack(site), 90)
        except (OSError, asyncio.TimeoutError):
            await asyncio.sleep(0.1)


async def visitor(site, until, times, failures):
    paths = ["/movies", "/", "/movies/rashomon-1950", "/search?q=kurosawa", "/directors", "/tags"]
    while time.monotonic() < until:
        start = time.monotonic()
        try:
            status = await asyncio.wait_for(site.ask(get(random.choice(paths))), 30)
        except (OSError, asyncio.TimeoutError):
            status = 0
        times.append(time.monotonic() - start)
        if status != 200:
            failures[status] = failures.get(status, 0) + 1
        await asyncio.sleep(0.05)


async def idle(site, count):
    connections = []
    for _ in range(count):
        try:
            connections.append(await site.open())
        except OSError:
            await asyncio.sleep(0.1)
    return connections


async def watch(site, until, seen):
    while time.monotonic() < until and site.process.poll() is None:
        memory = site.memory()
        if memory is None:
            return
        seen.append(memory)
        await asyncio.sleep(1)


async def run(site, minutes, idle_count, attacks):
    until = time.monotonic() + 60 * minutes
    times, failures, seen = [], {}, [site.memory()]
    print(f"at rest: {seen[0] >> 20} MiB")
    connections = await idle(site, idle_count)
    print(f"with {len(connections)} idle connections: {site.memory() >> 20} MiB")
    tasks = [watch(site, until, seen)]
    tasks += [visitor(site, until, times, failures) for _ in range(8)]
    tasks += [repeat(attack, site, until) for attack, count in attacks for _ in range(count)]
    await asyncio.gather(*tasks)
    times.sort()
    p99 = times[int(len(times) * 0.99)]
    ended = site.process.poll() is not None
    print(f"memory: at most {max(seen) >> 20} MiB, at the end {seen[-1] >> 20} MiB")
    print(f"visitors: {len(times)} pages, p50 {times[len(times) // 2]:.3f} s, p99 {p99:.3f} s")
    print(f"not answered with 200: {failures or 'none'}")
    if ended:
        print(f"the process ended with {site.process.returncode}; the end of its log:")
        print("".join(open(site.log).readlines()[-10:]))
    return 1 if ended or p99 > MAX_P99 else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--idle", type=int, default=10_000)
    names = [attack.__name__ for attack, _ in ATTACKS]
    parser.add_argument("--attack", choices=names, action="append", default=[])
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    if options.idle > files - 1000:
        sys.exit(f"--idle {options.idle} needs a limit of {options.idle + 1000} open files; it is {files}")
    attacks = [one for one in ATTACKS if one[0].__name__ in (options.attack or names)]
    with tempfile.TemporaryDirectory() as folder:
        site = Site(os.path.abspath(options.program), folder, files)
        try:
            sys.exit(asyncio.run(run(site, options.minutes, options.idle, attacks)))
        finally:
            site.process.terminate()
            site.process.wait()


main()
