"""What is measured beside what."""

from dataclasses import dataclass

PAGES = ["list", "tag", "filtered", "film", "director", "search"]


@dataclass(frozen=True)
class Cell:
    """One row of the table; `site` names a running program, `size` the catalogue behind it."""

    site: str
    size: str
    page: str
    visitors: str = "returning"
    connections: int = 32

    @property
    def slow(self):
        """Whether an answer takes seconds."""
        return self.size == "large" and self.page == "list" and self.site != "marquee"

    @property
    def visits_can_be_read(self):
        """Whether each request is a visit that is counted in a session whose key is known; what
        Django calls the sessions of new visitors, only they know."""
        counts = self.page in ("list", "deep list", "tag", "filtered")
        known = self.visitors == "returning" or self.site == "marquee"
        return counts and known and self.site != "bytes"


def sweep(sizes):
    """The same work before expired sessions are swept, and meanwhile, with as many sessions as there are."""
    size = list(sizes)[-1]
    return [Cell("marquee", size, "list", visitors) for visitors in ("before a sweep", "during a sweep")]


def cells(short, sizes):
    """Neighbours in this order are compared, so they run one after the other."""
    everybody = ["marquee", "django", "django cached"]
    plan = [Cell(site, "small", page) for page in PAGES for site in everybody]
    plan.append(Cell("bytes", "small", "list"))
    plan += [Cell(site, "small", "list", "new") for site in everybody]
    plan += [Cell(site, "small", "director", "without cookies") for site in everybody]
    if short:
        return plan
    plan += [Cell(site, "small", "list", connections=256) for site in [*everybody, "bytes"]]
    if "large" not in sizes:
        return plan
    plan += [Cell("marquee", "large", page) for page in ["list", "deep list", "film"]]
    plan += [Cell(site, "large", "search") for site in everybody]
    return plan + [Cell(site, "large", "list") for site in everybody[1:]]
