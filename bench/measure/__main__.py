"""Measures, and says what it found. See bench/README.md."""

import argparse
import json
import platform
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from . import chart, checks, load, plan, report, sites, sweep
from .catalogue import Catalogue
from .postgres import DATABASES, Postgres

FOLDER = Path("target/bench")
PORTS = iter(range(9101, 9200))


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--programs", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help="a small catalogue, a debug build")
    parser.add_argument("--prepare", action="store_true", help="make the catalogues, measure nothing")
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="of all measurements, interleaved")
    parser.add_argument("--films", type=int, nargs="+", default=(30_000, 1_000_000))
    parser.add_argument("--sessions", type=int, nargs="+", default=(10_000, 5_000_000))
    chosen = parser.parse_args()
    if chosen.short:
        chosen.seconds, chosen.rounds = 1, 1
        chosen.films, chosen.sessions = (1_000,), (500,)
    return chosen


def best_django(name, catalogue, redis, short):
    """The server and number of workers that answer the most lists in two seconds."""
    environment = catalogue.django(redis)
    asked = load.Requests(catalogue.paths("list"), catalogue.cookies)
    rates = {}
    for server, workers in sites.DJANGO_SERVERS[: 1 if short else None]:
        with sites.django(name, server, workers, next(PORTS), environment) as site:
            figures = load.send(site, asked, 2)
            rates[server, workers] = figures["requests"] / figures["seconds"]
    return max(rates, key=rates.get)


def start(stack, chosen, postgres, redis, catalogues):
    """Every site that is measured, by name and size of its catalogue."""
    running, facts = {}, {}

    def run(site, size):
        running[site.name, size] = stack.enter_context(site)

    for size, catalogue in catalogues.items():
        run(sites.marquee(chosen.programs, postgres, catalogue.database, next(PORTS)), size)
    small = running["marquee", "small"]
    facts["marquee_first_page_ms"] = small.start_ms
    page = FOLDER / "list.html"
    page.write_text(small.get("/movies"), encoding="utf-8")
    run(sites.limit(chosen.programs, page, next(PORTS)), "small")
    for name, url in (("django", None), ("django cached", redis.url)):
        sites.manage(catalogues["small"].django(url), "check", "--verbosity", "0")
        server, workers = best_django(name, catalogues["small"], url, chosen.short)
        served = f"{server} {version(server)}, {workers} workers"
        facts[name] = f"Django {version('Django')}, Python {platform.python_version()}, {served}"
        for size, catalogue in catalogues.items():
            run(sites.django(name, server, workers, next(PORTS), catalogue.django(url)), size)
    if redis:
        keys = catalogues["small"].keys()
        sites.manage(catalogues["small"].django(redis.url), "visits", "make", text=keys)
    return running, facts


def check(catalogues, running):
    small = catalogues["small"]
    same = [running[name, "small"] for name in ("marquee", "django", "django cached")]
    checks.same_films(small, same)
    for site in same:
        checks.pages_answer(small, site, plan.PAGES)
    for (name, size), site in running.items():
        if name != "bytes":
            checks.searches_find(catalogues[size], site)


def measure(cell, chosen, postgres, redis, catalogues, running):
    catalogue = catalogues[cell.size]
    cookies = catalogue.cookies if cell.visitors == "returning" else None
    asked = load.Requests(catalogue.paths(cell.page), cookies, cell.connections)
    site = running[cell.site, cell.size]
    counting = cell.size == "small" and cell.visits_can_be_read
    before = checks.visits(cell.site, catalogue, redis) if counting else 0
    seconds = 5 * chosen.seconds if cell.slow else chosen.seconds
    figures = load.measure(site, postgres, catalogue.database, asked, seconds)
    if counting:
        after = checks.visits(cell.site, catalogue, redis)
        checks.every_visit_counts(before, after, figures["answered"], cell.connections)
    if figures["failed"]:
        print(f"{cell}: {figures['failed']} requests failed", flush=True)
    return figures


def main():
    chosen = arguments()
    names = ("small", "large")
    with Postgres(DATABASES) as postgres, sites.Redis(FOLDER) as redis, ExitStack() as stack:
        catalogues = {
            size: Catalogue(FOLDER, postgres, chosen.programs, films, sessions)
            for size, films, sessions in zip(names, chosen.films, chosen.sessions)
        }
        for catalogue in catalogues.values():
            catalogue.prepare()
        if chosen.prepare:
            return
        running, facts = start(stack, chosen, postgres, redis, catalogues)
        check(catalogues, running)
        cells = plan.cells(chosen.short, catalogues)
        results = {cell: [] for cell in cells}
        for number in range(chosen.rounds):
            # What is slow is measured once, at the end: its last statements go on for a while.
            for cell in cells:
                if cell.slow and number + 1 < chosen.rounds:
                    continue
                figures = measure(cell, chosen, postgres, redis, catalogues, running)
                results[cell].append(figures)
                print(
                    f"{number + 1}/{chosen.rounds} {cell.size} {cell.page}, {cell.visitors},"
                    f" {cell.connections}: {cell.site} {figures['requests_per_second']:.0f}/s,"
                    f" p99 {figures['p99_ms']:.1f} ms",
                    flush=True,
                )
        pair = plan.sweep(catalogues)
        catalogue, site = catalogues[pair[0].size], running["marquee", pair[0].size]
        figures, facts["a sweep"] = sweep.measure(site, catalogue, 5 * chosen.seconds)
        results.update(zip(pair, ([each] for each in figures)))
        print(f"a sweep: {facts['a sweep']}", flush=True)
        for (name, size), site in running.items():
            megabytes = max(
                (figures["memory_mb"] for cell in cells if (cell.site, cell.size) == (name, size)
                 for figures in results[cell]), default=0,
            )
            facts[f"{name}, {size}: memory"] = f"{megabytes:.0f} MB"
    text = report.table(results, catalogues)
    text += "".join(f"- {name}: {fact}\n" for name, fact in facts.items())
    (FOLDER / "results.md").write_text(text)
    (FOLDER / "results.json").write_text(json.dumps(report.as_json(results, catalogues, facts), indent=1))
    (FOLDER / "chart.svg").write_text(chart.draw(results, report.machine()))
    print(f"\n{text}\nWritten to {FOLDER}: results.md, results.json, chart.svg")


if __name__ == "__main__":
    main()
