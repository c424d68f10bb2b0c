"""Whether what was measured was the right work."""

import re

from . import sites


def same_films(catalogue, running):
    """Every site shows the same films on the first page of the list, and the right number."""
    lists = {}
    for site in running:
        page = site.get("/movies")
        lists[site.name] = re.findall(r'data-movie="([^"]+)"', page)
        assert f'data-total="{catalogue.count}"' in page, f"{site.name}: another number of films"
    first, *others = lists.values()
    assert len(first) == 24 and all(other == first for other in others), lists


def pages_answer(catalogue, site, pages):
    """One address of each page is there, and the visitor is known."""
    with open(catalogue.cookies, encoding="utf-8") as file:
        cookie = file.readline().strip()
    for page in pages:
        with open(catalogue.paths(page), encoding="utf-8") as file:
            body = site.get(file.readline().strip(), cookie)
        visits = int(re.search(r'id="num-visits" value="(\d+)"', body)[1])
        assert visits >= 1, f"{site.name} does not know its visitor on {page}"


def searches_find(catalogue, site):
    """Misspelt words find films, if not always the one that was meant."""
    with open(catalogue.paths("search"), encoding="utf-8") as file:
        searches = [next(file).strip() for _ in range(20)]
    found = sum("data-movie=" in site.get(path) for path in searches)
    assert found >= 18, f"{site.name} finds films by {found} of 20 searches"


def visits(site, catalogue, redis):
    """Visits of lists that the sessions of this site hold."""
    if site == "marquee":
        query = "SELECT coalesce(sum((data->>'num_visits')::bigint), 0) FROM sessions"
        return int(catalogue.postgres.sql(catalogue.database, query))
    environment = catalogue.django(redis.url if site == "django cached" else None)
    return int(sites.manage(environment, "visits", "sum", text=catalogue.keys()))


def every_visit_counts(before, after, answered, connections):
    """What was under way when wrk hung up, twice, may have been counted without an answer."""
    counted = after - before
    assert answered <= counted <= answered + 2 * connections, f"{counted} visits of {answered}"
