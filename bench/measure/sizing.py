"""Measures what a site needs, by the size of its catalogue: memory, processor, disk and connections.
See bench/README.md."""

import argparse
import random
import urllib.request
from pathlib import Path
from urllib.parse import quote

from . import films, large, load, processes, report, sites
from .catalogue import popular
from .postgres import DATABASES, Postgres

FOLDER = Path("target/bench")
PORT = 9150
VISITORS = 100_000
HEAD = (
    "| films | memory of the process at first, under load | cores for 1,000 pages/s, program + Postgres"
    " | tables | connections | pages/s, p99 meanwhile |\n"
    + "|--:" * 6
    + "|\n"
)


def regular(site, slugs):
    """The cookie of a visitor who has opened twenty films, listed eight of them and rated three."""
    cookie = None

    def ask(path, form=None):
        nonlocal cookie
        request = urllib.request.Request(f"http://127.0.0.1:{site.port}{path}", form and form.encode())
        if cookie:
            request.add_header("Cookie", cookie)
        with urllib.request.urlopen(request) as answer:
            given = answer.headers["Set-Cookie"]
        cookie = given.split(";")[0] if given else cookie

    ask("/movies")
    for number, slug in enumerate(slugs[:20]):
        ask(f"/movies/{slug}")
        if number < 8:
            ask(f"/movies/{slug}/watchlist", "pressed=false")
        if number < 3:
            ask(f"/movies/{slug}/rating", "stars=4")
    return cookie


def multiply(postgres, database):
    """Makes VISITORS of the one visitor; returns the cookies of some, and the bytes that each takes."""
    taken = "SELECT pg_total_relation_size('sessions')"
    postgres.sql(database, "VACUUM FULL sessions")
    before = int(postgres.sql(database, taken))
    postgres.sql(
        database,
        "INSERT INTO sessions (key_hash, data, expires_at, sweep_hour, created_at)"
        " SELECT sha256(md5('visitor ' || n)::bytea), data, expires_at, sweep_hour, created_at"
        # The other sessions are those of who only looked whether the site is there.
        " FROM (SELECT * FROM sessions ORDER BY length(data::text) DESC LIMIT 1) AS regular,"
        f" generate_series(1, {VISITORS}) AS n",
    )
    size = (int(postgres.sql(database, taken)) - before) / VISITORS
    keys = postgres.sql(database, f"SELECT md5('visitor ' || n) FROM generate_series(1, {VISITORS}, 10) n")
    return [f"sessionid={key}" for key in keys.split("\n")], size


def mixture(postgres, database, slugs):
    """Pages as visitors ask for them: popular films and directors more often than others."""
    dice = random.Random(1895)
    tags = postgres.sql(database, "SELECT slug FROM tags").split("\n")
    directors = postgres.sql(database, "SELECT slug FROM people ORDER BY id LIMIT 100000").split("\n")
    titles = postgres.sql(database, "SELECT title FROM movies ORDER BY id LIMIT 5000").split("\n")
    searches = [films.mistyped(title.lower().split(), dice) for title in titles]
    kinds = {
        30: [f"/movies?page={page}" for page in range(1, 21)],
        15: [f"/movies?tag={tag}&sort={sort}" for tag in tags for sort in ("newest", "title", "longest")],
        35: [f"/movies/{quote(slug)}" for slug in popular(slugs, dice)],
        10: [f"/directors/{quote(slug)}" for slug in popular(directors, dice)],
        5: ["/"],
        4: ["/search?q=" + quote(words) for words in searches if words],
        1: ["/you"],
    }
    return [path for share, paths in kinds.items() for path in dice.choices(paths, k=200 * share)]


def row(chosen, postgres, count):
    database = f"large_{count}"
    if not postgres.has(database):
        large.fill(chosen.programs, postgres, database, count, [f"import of {count:,} films"], print)
    tables = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname <> 'sessions'"
    size = int(postgres.sql(database, tables + " AND relnamespace = 'public'::regnamespace"))
    postgres.sql(database, "DELETE FROM sessions")
    with sites.marquee(chosen.programs, postgres, database, PORT) as site:
        first = processes.memory(site.process) / 2**20
        slugs = postgres.sql(database, "SELECT slug FROM movies ORDER BY id LIMIT 100000").split("\n")
        regular(site, slugs)
        cookies, session = multiply(postgres, database)
        postgres.settle(database)
        paths, visitors = FOLDER / "sizing-paths", FOLDER / "sizing-cookies"
        paths.write_text("\n".join(mixture(postgres, database, slugs)) + "\n")
        visitors.write_text("\n".join(cookies) + "\n")
        requests = load.Requests(str(paths), str(visitors))
        figures = load.measure(site, postgres, database, requests, chosen.seconds)
        held = postgres.sql(
            "postgres", f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
        )
    assert figures["failed"] == 0, f"{figures['failed']} pages failed"
    postgres.sql(database, "DELETE FROM sessions")
    print(f"a million sessions at {session:.0f} bytes: {session / 1000:.2f} GB", flush=True)
    # A millisecond for each of a thousand pages is a second.
    return (
        f"| {count:,} | {first:.0f} MB, {figures['memory_mb']:.0f} MB"
        f" | {figures['program_ms']:.2f} + {figures['postgres_ms']:.2f} | {size / 1e6:,.0f} MB | {held}"
        f" | {figures['requests_per_second']:,.0f}, {figures['p99_ms']:.0f} ms |\n"
    )


def main():
    parser = argparse.ArgumentParser(prog="bench/sizing", description=__doc__)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--films", type=int, nargs="+", default=[1_000, 40_000, 1_000_000])
    parser.add_argument("--seconds", type=int, default=20, help="of load for each size")
    parser.add_argument("--databases", type=Path, default=DATABASES, help="folder of the measurement's Postgres")
    chosen = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Postgres(chosen.databases) as postgres:
        rows = [row(chosen, postgres, count) for count in chosen.films]
    text = f"{report.machine()}\n\n{HEAD}{''.join(rows)}"
    (FOLDER / "sizing.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
