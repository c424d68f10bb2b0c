"""Compares release builds of Marquee by interleaved rounds. See bench/README.md."""

import argparse
import os
import random
import shlex
import statistics
import subprocess
import threading
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from . import films, load, sites
from .catalogue import popular
from .postgres import DATABASES, Postgres

FOLDER = Path("target/bench/compare")
FIRST_PORT = 9301
VISITORS = 10_000
THREADS = 8
MAX_LIST_PAGES = 20
PAGES = ["list", "tag", "filtered", "film", "director", "search"]


class Build:
    """A release build with a database of its own, so that schemas may differ."""

    def __init__(self, text, port, count):
        self.name, _, command = text.partition("=")
        program, *settings = shlex.split(command)
        self.program, self.port = Path(program).resolve(), port
        self.settings = dict(setting.split("=", 1) for setting in settings)
        self.database = f"compare_{count}_{self.name}".replace("-", "_")
        self.cookies = FOLDER / f"{self.name}.cookies"

    def prepare(self, postgres, catalogue):
        """Creates the database and imports the catalogue."""
        postgres.sql("postgres", f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        postgres.sql("postgres", f"CREATE DATABASE {self.database}")
        environment = {**os.environ, "DATABASE_URL": postgres.url(self.database), "RUST_LOG": "warn"}
        command = [self.program, "import", catalogue]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        postgres.settle(self.database)

    def site(self, postgres):
        environment = {
            "DATABASE_URL": postgres.url(self.database),
            "PORT": str(self.port),
            "RUST_LOG": "warn",
            **self.settings,
        }
        return sites.Site(f"compare {self.name}", [self.program], self.port, environment)


def store_visitors(site, file):
    """Opens the film list once for each visitor and writes the cookies to `file`."""
    cookies = []

    def visit():
        for _ in range(VISITORS // THREADS):
            url = f"http://127.0.0.1:{site.port}/movies?per=6"
            with urllib.request.urlopen(url, timeout=30) as response:
                cookies.append(response.headers["Set-Cookie"].partition(";")[0] + "\n")

    threads = [threading.Thread(target=visit) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.write_text("".join(cookies), encoding="utf-8")


def write_paths(postgres, database, count):
    """Writes one file of request paths for each kind of page."""
    dice = random.Random(1888)
    movies = postgres.sql(database, "SELECT slug FROM movies ORDER BY slug").split("\n")
    titles = postgres.sql(database, "SELECT title FROM movies ORDER BY slug LIMIT 40000").split("\n")
    tags = postgres.sql(database, "SELECT slug FROM tags ORDER BY slug").split("\n")
    table = "people" if postgres.sql(database, "SELECT to_regclass('people')") else "directors"
    directors = postgres.sql(database, f"SELECT slug FROM {table} ORDER BY slug").split("\n")
    searches = filter(None, (films.mistyped(title.lower().split(), dice) for title in titles))
    decades = [f"{year}s" for year in range(1950, 2020, 10)]
    paths = {
        "list": [f"/movies?page={n}" for n in range(1, min(MAX_LIST_PAGES, count // 24) + 1)],
        "tag": [f"/movies/tags/{tag}?page={n}" for tag in tags for n in (1, 2)],
        "filtered": [f"/movies?tag={tag}&decade={decade}" for tag in tags for decade in decades],
        "film": [f"/movies/{slug}" for slug in popular(movies, dice)],
        "director": [f"/directors/{slug}" for slug in popular(directors, dice)],
        "search": ["/search?q=" + words.replace(" ", "+") for words in searches],
    }
    for page, lines in paths.items():
        (FOLDER / page).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="bench/compare", description=__doc__)
    parser.add_argument("builds", nargs="+", metavar="NAME=PROGRAM", help="settings may follow the program")
    parser.add_argument("--films", type=int, default=30_000)
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=["list", "film", "search"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="length of one measurement")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--new", action="store_true", help="every request comes from a new visitor")
    parser.add_argument("--gzip", action="store_true", help="ask for compressed pages, as browsers do")
    chosen = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    builds = [Build(text, FIRST_PORT + n, chosen.films) for n, text in enumerate(chosen.builds)]
    if chosen.gzip:
        os.environ["ENCODING"] = "gzip"
    with Postgres(DATABASES) as postgres, ExitStack() as stack:
        catalogue = FOLDER / "films.jsonl"
        films.write(catalogue, chosen.films)
        for build in builds:
            build.prepare(postgres, catalogue)
        write_paths(postgres, builds[0].database, chosen.films)
        running = {build: stack.enter_context(build.site(postgres)) for build in builds}
        for build, site in running.items():
            store_visitors(site, build.cookies)
        results = {(page, build.name): [] for page in chosen.pages for build in builds}
        for number in range(chosen.rounds):
            # Every other round runs backwards, so that a drift of the machine affects all alike.
            order = builds if number % 2 == 0 else builds[::-1]
            for page in chosen.pages:
                for build in order:
                    cookies = None if chosen.new else str(build.cookies)
                    asked = load.Requests(str(FOLDER / page), cookies, chosen.connections)
                    site = running[build]
                    figures = load.measure(site, postgres, build.database, asked, chosen.seconds)
                    results[page, build.name].append(figures)
    print_table(results, builds[0].name)


def print_table(results, first):
    """Prints medians, and the median of each round's ratio to the first build."""
    print("| page | build | requests/s | ratio | min–max | p99 ms | CPU ms | MB | failed |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for (page, name), rounds in results.items():
        def median(key):
            return statistics.median(figures[key] for figures in rounds)

        base = results[page, first]
        ratios = [
            figures["requests_per_second"] / other["requests_per_second"]
            for figures, other in zip(rounds, base)
        ]
        memory = max(figures["memory_mb"] for figures in rounds)
        failed = sum(figures["failed"] for figures in rounds)
        print(
            f"| {page} | {name} | {median('requests_per_second'):,.0f} | {statistics.median(ratios):.3f} |"
            f" {min(ratios):.2f}–{max(ratios):.2f} | {median('p99_ms'):.1f} |"
            f" {median('program_ms'):.3f} + {median('postgres_ms'):.3f} | {memory:.0f} | {failed} |"
        )


if __name__ == "__main__":
    main()
