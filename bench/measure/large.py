"""Measures what one large catalogue costs. See bench/README.md."""

import argparse
import http.client
import os
import random
import subprocess
import time
from pathlib import Path
from statistics import median
from urllib.parse import quote

from . import films, imdb, processes, report, sites
from .postgres import DATABASES, Postgres

FOLDER = Path("target/bench")
PORT = 9100
HEAD = "| page | median ms | p95 ms | CPU ms program / Postgres |\n|---|--:|--:|--:|\n"


class Import:
    """A run of `marquee import` to its end."""

    def __init__(self, programs, postgres, database, files):
        command = [programs / "marquee", "import", *files]
        environment = {**os.environ, "DATABASE_URL": postgres.url(database), "RUST_LOG": "warn"}
        server = processes.cpu_seconds(postgres.process)
        begun = time.monotonic()
        with open(FOLDER / "import.log", "w", encoding="utf-8") as log:
            running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            _, status, usage = os.wait4(running.pid, 0)
        assert status == 0, "the import failed: see target/bench/import.log"
        self.seconds = time.monotonic() - begun
        self.program = usage.ru_utime + usage.ru_stime
        self.postgres = processes.cpu_seconds(postgres.process) - server
        self.megabytes = usage.ru_maxrss / 1024

    def __str__(self):
        return (
            f"{self.seconds:.0f} s, CPU {self.program:.0f} s program and {self.postgres:.0f} s Postgres, "
            f"{self.megabytes:.0f} MB at most"
        )


def fill(programs, postgres, database, count, imports, say):
    """A new database with so many made-up films; says what each import of them cost."""
    files = imdb.write(FOLDER / database, count)
    postgres.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    postgres.sql("postgres", f"CREATE DATABASE {database}")
    for name in imports:
        say(f"- {name}: {Import(programs, postgres, database, files)}\n")
    for file in files:
        file.unlink()
    postgres.settle(database)


class Visitor:
    """Asks for one page after the other over one connection, without a cookie."""

    def __init__(self, site, postgres):
        self.site, self.postgres = site, postgres
        self.connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)

    def get(self, path):
        begun = time.perf_counter()
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{path}: {response.status}"
        return (time.perf_counter() - begun) * 1000, body.decode()

    def cpu(self):
        return [processes.cpu_seconds(one.process) * 1000 for one in (self.site, self.postgres)]

    def row(self, name, paths):
        """Times of these pages, none of which was made before, after a few to get warm."""
        for path in paths[:5]:
            self.get(path)
        paths = paths[5:]
        before = self.cpu()
        times = sorted(self.get(path)[0] for path in paths)
        program, server = (after - start for after, start in zip(self.cpu(), before))
        return (
            f"| {name} | {median(times):.1f} | {times[len(times) * 95 // 100]:.1f} "
            f"| {program / len(paths):.1f} / {server / len(paths):.1f} |\n"
        )


def addresses(postgres, database, count):
    """Addresses of each kind of page, each once."""
    dice = random.Random(1895)
    total = int(postgres.sql(database, "SELECT count(*) FROM movies"))
    people = int(postgres.sql(database, "SELECT count(*) FROM people"))

    def some(query):
        rows = postgres.sql(database, f"SELECT setseed(0.5); {query} ORDER BY random() LIMIT {count}").split("\n")
        return [row for row in rows if row]

    tags = postgres.sql(database, "SELECT slug FROM tags ORDER BY slug").split("\n")
    titles = [words for words in (title.lower().split() for title in some("SELECT title FROM movies")) if words]
    # Pages that even the rarest tag's list has.
    rare = min(total // 100 // 24, 20)
    busy = some("SELECT slug FROM people JOIN credits ON person_id = id AND role = 'director' GROUP BY id HAVING count(*) > 2")
    sorts = ("newest", "oldest", "title", "longest", "shortest")

    def page(last):
        return dice.randint(1, max(last, 1))

    def narrowed():
        chosen = dice.choices(tags, k=dice.choice((1, 1, 2)))
        query = [f"tag={tag}" for tag in dict.fromkeys(chosen)]
        query += [f"tag=-{dice.choice(tags)}"] * dice.choice((0, 0, 1))
        query += [f"decade={dice.randrange(1950, 2020, 10)}s"] * dice.choice((0, 1))
        query += [f"runtime={dice.choice(('under-40', '40-89', '90-119'))}"] * dice.choice((0, 1))
        return f"/movies?{'&'.join(query)}&sort={dice.choice(sorts)}"

    def search(words):
        return "/search?q=" + quote(" ".join(words))

    def number(path, n):
        return f"{path}{'&' if '?' in path else '?'}n={n}"

    every = range(count)
    misspelt = [films.mistyped(words, dice) for words in titles]
    kinds = {
        "home": ["/"] * count,
        "list, page 1": [f"/movies?sort={sorts[n % 5]}" for n in every],
        "list, page 20,000": [f"/movies?sort={sorts[n % 5]}&page={min(20_000, total // 24) - n}" for n in every],
        "list of a tag": [f"/movies/tags/{dice.choice(tags)}?page={page(rare)}" for _ in every],
        "filtered list": [narrowed() for _ in every],
        "list of a director": [f"/movies?director={quote(slug)}" for slug in busy],
        "list of a decade and all but a tag":
            [f"/movies?decade={dice.randrange(1980, 2030, 10)}s&tag=-{dice.choice(tags)}" for _ in every],
        "table": [narrowed() + "&view=table" for _ in every],
        "values of a filter": [narrowed().replace("/movies?", "/movies/by/director?") for _ in every],
        "film": [f"/movies/{quote(slug)}" for slug in some("SELECT slug FROM movies")],
        "director": [f"/directors/{quote(slug)}" for slug in busy],
        "directors, page 1": ["/directors"] * count,
        "directors, last pages": [f"/directors?page={people // 24 - n}" for n in every],
        "directors, most films": [f"/directors?sort=films&page={n + 1}" for n in every],
        "tags": ["/tags"] * count,
        "search": [search(dice.sample(words, min(2, len(words)))) for words in titles],
        "search, misspelt": ["/search?q=" + quote(words) for words in misspelt if words],
        "search within a list": [f"/movies?q={quote(words[0])}&tag={dice.choice(tags)}" for words in titles],
        "suggestions, 2 letters": [f"/search/suggestions?q={quote(words[-1][:2])}" for words in titles],
        "suggestions, 4 letters": [f"/search/suggestions?q={quote(words[-1][:4])}" for words in titles],
        "site map": ["/sitemap.xml"] * 15,
        "feed": [narrowed().replace("/movies?", "/movies.atom?") for _ in every],
    }
    return {name: [number(path, n) for n, path in enumerate(paths)] for name, paths in kinds.items()}


def freshness(postgres, database, visitor):
    """Milliseconds from the commit of an edit until a page has it, of five edits."""
    slug = postgres.sql(database, "SELECT slug FROM movies ORDER BY id LIMIT 1")
    times = []
    for _ in range(5):
        title = f"edited{time.time_ns()}"
        postgres.sql(database, f"UPDATE movies SET title = '{title}', sort_title = '{title}' WHERE slug = '{slug}'")
        begun = time.monotonic()
        path = f"/search?q={title}&n="
        while f'data-movie="{slug}"' not in visitor.get(path + str(time.monotonic()))[1]:
            time.sleep(0.01)
        times.append((time.monotonic() - begun) * 1000)
    return f"{median(times):.0f} ms (at most {max(times):.0f})"


def main():
    parser = argparse.ArgumentParser(prog="bench/large", description=__doc__)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--films", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=205, help="of each kind of page")
    parser.add_argument("--keep", action="store_true", help="measure the catalogue of the run before")
    chosen = parser.parse_args()
    database = f"large_{chosen.films}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = f"{report.machine()}; {chosen.films:,} films\n\n"

    def say(line):
        nonlocal text
        text += line
        print(line, end="", flush=True)

    with Postgres(DATABASES) as postgres:
        if not (chosen.keep and postgres.has(database)):
            imports = ("import", "the same import again")
            fill(chosen.programs, postgres, database, chosen.films, imports, say)
        with sites.marquee(chosen.programs, postgres, database, PORT) as site:
            cpu = processes.cpu_seconds(site.process)
            say(f"- first page after the start: {site.start_ms:.0f} ms, CPU {cpu:.1f} s\n")
            say(f"- memory at first: {processes.memory(site.process) / 2**20:.0f} MB\n\n{HEAD}")
            visitor = Visitor(site, postgres)
            for name, paths in addresses(postgres, database, chosen.requests).items():
                say(visitor.row(name, paths))
            say(f"\n- memory after these: {processes.memory(site.process) / 2**20:.0f} MB\n")
            say(f"- an edit shows after {freshness(postgres, database, visitor)}\n")
            say(f"- memory after these: {processes.memory(site.process) / 2**20:.0f} MB\n")
    (FOLDER / f"{database}.md").write_text(text)


if __name__ == "__main__":
    main()
