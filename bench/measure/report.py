"""Results as a table, and as the JSON beside it."""

import os
import platform
from datetime import date
from pathlib import Path
from statistics import median

HEAD = (
    "| page | visitors, connections | site | requests/s | ratio | p50 ms | p99 ms "
    "| CPU ms program / Postgres | WAL bytes | kB |\n|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n"
)


def medians(rounds):
    return {name: median(figures[name] for figures in rounds) for name in rounds[0]}


def machine():
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    model = models[0].split(": ")[1] if models else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GB; {date.today().isoformat()}"


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def table(results, sizes):
    """Ratios are to the first row of the same work: how many times as many requests it answers."""
    text = f"{machine()}\n\n"
    for size, catalogue in sizes.items():
        text += f"{catalogue.count:,} films, {catalogue.sessions:,} sessions\n\n{HEAD}"
        first = {}
        for cell, rounds in results.items():
            if cell.size != size:
                continue
            figures = medians(rounds)
            work = (cell.page, cell.visitors, cell.connections)
            rate = figures["requests_per_second"]
            ratio = first.setdefault(work, rate) / rate if rate else 0
            text += (
                f"| {cell.page} | {cell.visitors}, {cell.connections} | {cell.site} | {number(rate)} "
                f"| {number(ratio)} | {number(figures['p50_ms'])} | {number(figures['p99_ms'])} "
                f"| {figures['program_ms']:.3f} / {figures['postgres_ms']:.3f} "
                f"| {figures['wal_bytes']:,.0f} | {figures['page_bytes'] / 1000:.1f} |\n"
            )
        text += "\n"
    return text


def as_json(results, sizes, facts):
    rows = [
        {
            **{name: getattr(cell, name) for name in ("site", "page", "visitors", "connections")},
            "films": sizes[cell.size].count,
            "sessions": sizes[cell.size].sessions,
            "rounds": rounds,
        }
        for cell, rounds in results.items()
    ]
    return {"machine": machine(), **facts, "results": rows}
