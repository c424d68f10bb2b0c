"""What visitors notice while expired sessions are removed.

One in five sessions, anywhere in the table, has expired during the last day; nobody has swept since.
`marquee clear-sessions` removes them, as the site's own task would, while others look at lists.
"""

import time

from . import load
from .catalogue import STAY_AWAY

EXPIRED = "SELECT count(*) FROM sessions WHERE expires_at < now()"
GOOD = "SELECT count(*) FROM sessions WHERE expires_at >= now()"


def measure(site, catalogue, seconds):
    """Figures of `seconds` before a sweep, those during it, and what to say of both."""
    postgres, database = catalogue.postgres, catalogue.database
    asked = load.Requests(catalogue.paths("list"), catalogue.cookies)

    def count(query):
        return int(postgres.sql(database, query))

    def sweep():
        nonlocal took
        begun = time.monotonic()
        catalogue.marquee("clear-sessions")
        took = time.monotonic() - begun

    took = 0
    try:
        catalogue.store_visitors(STAY_AWAY, "now() - make_interval(mins => 1 + n % 1440)")
        postgres.settle(database)
        before = load.measure(site, postgres, database, asked, seconds)
        expired, good = count(EXPIRED), count(GOOD)
        during = load.measure(site, postgres, database, asked, seconds, work=sweep)
        left = count(EXPIRED)
        assert expired and not left, f"{left} of {expired} expired sessions are left"
        assert count(GOOD) == good, "sessions are gone that were good"
    finally:
        # Into the room of those that are gone, so that the next run finds them anywhere again.
        postgres.settle(database)
        catalogue.store_visitors(STAY_AWAY, "now() + make_interval(days => 7 + n % 7)")
        postgres.settle(database)
    during["removed"], during["took_seconds"] = expired, took
    for name in ("p50_ms", "p99_ms"):
        during[f"{name}_ratio"] = during[name] / before[name]
    said = (
        f"{expired:,} of {expired + good:,} sessions removed in {took:.1f} s; meanwhile p50 is"
        f" {during['p50_ms_ratio']:.2f} and p99 {during['p99_ms_ratio']:.2f} times what it was before"
    )
    return (before, during), said
