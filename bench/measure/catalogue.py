"""A database with films and returning visitors, and what to ask of it."""

import random
import subprocess
from itertools import accumulate
from pathlib import Path

from . import films, sites

#: Lines of a file of paths. Some are equal: what is popular is asked for more often.
PATHS = 20_000
LISTS = 20
#: Visitors who come again, at most.
RETURNING = 10_000
#: Every so many'th visitor never does: their sessions can expire.
STAY_AWAY = 5


class Catalogue:
    """`films` films and `sessions` sessions, made once and kept for the next run."""

    def __init__(self, folder, postgres, programs, count, sessions):
        self.database = f"bench_{count}_{sessions}"
        self.count, self.sessions = count, sessions
        self.folder = folder / self.database
        self.folder.mkdir(parents=True, exist_ok=True)
        self.postgres, self.programs = postgres, programs
        self.cookies = str(self.folder / "cookies")

    def prepare(self):
        postgres, database = self.postgres, self.database
        if not postgres.is_ready(database):
            postgres.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            postgres.sql("postgres", f"CREATE DATABASE {database}")
            lines = self.folder / "films.jsonl"
            films.write(lines, self.count)
            self.marquee("import", lines)
            lines.unlink()
            self.store_visitors(1, "now() + make_interval(days => 7 + n % 7)")
            # The index that a Django site would search titles by.
            postgres.sql(database, "CREATE EXTENSION IF NOT EXISTS pg_trgm")
            postgres.sql(database, "CREATE INDEX ON movies USING gin (title gin_trgm_ops)")
            # Django's model of a director's credit.
            postgres.sql(database, "CREATE VIEW movie_directors AS SELECT movie_id, person_id AS director_id, position "
                         "FROM credits WHERE role = 'director'")
            sites.manage(self.django(None), "migrate", "--verbosity", "0")
            sites.manage(self.django(None), "visits", "make", text=self.keys())
            postgres.settle(database)
            postgres.say_ready(database)
        self.marquee("migrate")
        self.write_paths()

    def marquee(self, *arguments):
        environment = {"DATABASE_URL": self.postgres.url(self.database), "RUST_LOG": "warn"}
        command = [self.programs / "marquee", *arguments]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    def django(self, redis):
        return sites.django_environment(self.postgres, self.database, redis)

    def store_visitors(self, every, until):
        """The sessions of `every` nth visitor, as if each had looked at the list once; they end at `until`,
        an expression of SQL."""
        self.postgres.sql(
            self.database,
            "INSERT INTO sessions (key_hash, data, expires_at, sweep_hour, created_at)"
            " SELECT sha256(md5('visitor ' || n)::bytea), '{\"num_visits\": 1}', until,"
            " floor(extract(epoch FROM until) / 3600) + 1, now()"
            f" FROM generate_series({every}, {self.sessions}, {every}) AS n,"
            f" LATERAL (SELECT {until} AS until) AS life"
            " ON CONFLICT (key_hash) DO UPDATE"
            " SET expires_at = excluded.expires_at, sweep_hour = excluded.sweep_hour",
        )

    def keys(self):
        """Keys of visitors who come again, spread over all sessions, the same for every site."""
        step = max(self.sessions // RETURNING, 1)
        series = f"SELECT md5('visitor ' || n) FROM generate_series(1, {self.sessions}, {step}) n"
        series += f" WHERE n % {STAY_AWAY} <> 0 LIMIT {RETURNING}"
        return self.postgres.sql(self.database, series) + "\n"

    def slugs(self, table):
        return self.postgres.sql(self.database, f"SELECT slug FROM {table} ORDER BY id").split()

    def write_paths(self):
        cookies = (f"sessionid={key}\n" for key in self.keys().split())
        Path(self.cookies).write_text("".join(cookies))
        dice = random.Random(1888)
        tags = self.slugs("tags")
        titles = self.postgres.sql(self.database, "SELECT title FROM movies LIMIT 40000").split("\n")
        searches = filter(None, (films.mistyped(title.lower().split(), dice) for title in titles))
        last = self.count // 24
        numbers = range(1, min(LISTS, last) + 1)
        self.write("list", [f"/movies?page={number}" for number in numbers])
        self.write("deep list", [f"/movies?page={min(20_000, last) - n}" for n in numbers])
        self.write("tag", [f"/movies/tags/{tag}?page={number}" for tag in tags for number in (1, 2)])
        decades = [f"{year}s" for year in range(1950, 2020, 10)]
        self.write("filtered", [f"/movies?tag={tag}&decade={decade}" for tag in tags for decade in decades])
        self.write("film", [f"/movies/{slug}" for slug in popular(self.slugs("movies"), dice)])
        self.write("director", [f"/directors/{slug}" for slug in popular(self.slugs("people"), dice)])
        self.write("search", ["/search?q=" + words.replace(" ", "+") for words in searches])

    def write(self, page, paths):
        Path(self.paths(page)).write_text("".join(f"{path}\n" for path in paths))

    def paths(self, page):
        return str(self.folder / page.replace(" ", "-"))


def popular(slugs, dice):
    """The nth of them is asked for 1/n as often as the first (Zipf's law)."""
    slugs = list(slugs)
    dice.shuffle(slugs)
    weights = list(accumulate(1 / (n + 1) for n in range(len(slugs))))
    return dice.choices(slugs, cum_weights=weights, k=min(PATHS, 20 * len(slugs)))
