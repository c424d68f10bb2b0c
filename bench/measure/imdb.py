"""Made-up films in the form of IMDb's files, the same each time:

PYTHONPATH=bench python3 -m measure.imdb FOLDER --films 1000000

Titles and names are as varied as real ones: few words are in very many, most in hardly any.
"""

import argparse
import gzip
import random
from contextlib import ExitStack
from pathlib import Path

from .films import WORDS

HEADERS = {
    "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
    "title.crew": "tconst directors writers",
    "title.principals": "tconst ordering nconst category job characters",
    "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
    "title.ratings": "tconst averageRating numVotes",
    "title.episode": "tconst parentTconst seasonNumber episodeNumber",
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
}
GENRES = (
    "Drama Comedy Documentary Romance Action Thriller Crime Horror Adventure Family Mystery Fantasy Musical "
    "Sci-Fi Biography Music History War Western Animation Sport Film-Noir News Reality-TV"
).split()
SMALL_WORDS = "the of and a in la de der le".split()
ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t tr v w z".split()
VOWELS = "a e i o u ai ea ie ou".split() * 14 + ["é", "ö"]
ENDS = ["", "", "n", "r", "l", "s", "nd", "ck"]
#: Original titles in other letters than the usual ones.
SCRIPTS = ["七人侍東京物語夜雨道花", "вечермоскванебоснег", "ταξίδιφεγγάρι"]
#: Of films: so many rows of other types, and so many people, stand in the files as well.
OTHERS, PEOPLE = 0.1, 2.2
VOCABULARY, GIVEN_NAMES = 120_000, 4_000
#: Titles of which everything is written before the next are made.
CHUNK = 10_000


def vocabulary(dice, size):
    words = dict.fromkeys([*SMALL_WORDS, *WORDS])
    while len(words) < size:
        parts = dice.choice((1, 2, 2, 3))
        word = "".join(dice.choice(ONSETS) + dice.choice(VOWELS) + dice.choice(ENDS) for _ in range(parts))
        words[word] = None
    return list(words)


def frequent(items, dice):
    """The nth is drawn about 1/n as often as the first (Zipf's law)."""
    return items[int(len(items) ** dice.random()) - 1]


class Writer:
    def __init__(self, folder, count):
        self.count, self.dice = count, random.Random(1895)
        self.people = max(int(count * PEOPLE), 10)
        self.words = vocabulary(self.dice, VOCABULARY)
        self.family = self.words[len(SMALL_WORDS):]
        self.given = self.family[:GIVEN_NAMES]
        self.folder = Path(folder)
        self.lines = {}

    def paths(self):
        return {name: self.folder / f"{name}.tsv.gz" for name in HEADERS}

    def write(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            files = {}
            for name, path in self.paths().items():
                raw = stack.enter_context(open(path, "wb"))
                # Without the time of day the bytes are the same each time.
                packed = gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="")
                files[name] = stack.enter_context(packed)
                self.lines[name] = [HEADERS[name].replace(" ", "\t") + "\n"]
            films = 0
            for number in range(1, int(self.count * (1 + OTHERS)) + 1):
                is_film = films < self.count and number % round(1 / OTHERS + 1) != 0
                films += is_film
                self.title(number, is_film)
                if number % CHUNK == 0:
                    self.flush(files)
            for number in range(1, self.people + 1):
                self.person(number)
                if number % CHUNK == 0:
                    self.flush(files)
            self.flush(files)

    def flush(self, files):
        for name, lines in self.lines.items():
            files[name].write("".join(lines).encode())
            lines.clear()

    def row(self, name, *fields):
        self.lines[name].append("\t".join(fields) + "\n")

    def some_title(self):
        dice, words = self.dice, self.words
        length = dice.choice((1, 2, 2, 3, 3, 4, 5))
        if length == 1:
            # Hundreds of films share the commonest of these titles, as in life.
            return words[int(len(words) * dice.random() ** 2)].capitalize()
        return " ".join(frequent(words, dice) for _ in range(length)).capitalize()

    def title(self, number, is_film):
        dice, row = self.dice, self.row
        tconst = f"tt{number:07}"
        kind = dice.choice(("movie",) * 6 + ("tvMovie",)) if is_film else dice.choice(("short", "tvEpisode"))
        title = self.some_title()
        original = self.some_title() if dice.random() < 0.2 else title
        year = str(2025 - int(120 * dice.random() ** 2)) if dice.random() < 0.9 else "\\N"
        minutes = str(int(dice.gauss(95, 20)) % 400 + 1) if dice.random() < 0.65 else "\\N"
        genres = dict.fromkeys(frequent(GENRES, dice) for _ in range(dice.choice((1, 1, 2, 2, 3))))
        row("title.basics", tconst, kind, title, original, "0", year, "\\N", minutes, ",".join(genres))
        if dice.random() < 0.5:
            row("title.ratings", tconst, f"{dice.uniform(1, 10):.1f}", str(int(10 ** dice.uniform(0.7, 5))))
        if kind == "tvEpisode":
            row("title.episode", tconst, f"tt{dice.randrange(1, number + 1):07}", "1", "1")
        directors = [self.somebody(0.2) for _ in range(1 if dice.random() < 0.92 else 2)]
        row("title.crew", tconst, ",".join(directors) if dice.random() < 0.95 else "\\N", self.somebody(0.5))
        cast = dice.choice((0, 2, 4, 4, 6, 8, 9))
        for place in range(1, cast + 1):
            category = "actress" if place % 2 else "actor"
            row("title.principals", tconst, str(place), self.somebody(1), category, "\\N", '["Somebody"]')
        row("title.principals", tconst, str(cast + 1), directors[0], "director", "\\N", "\\N")
        row("title.akas", tconst, "1", original, "\\N", "\\N", "original", "\\N", "1")
        if dice.random() < 0.05:
            other = "".join(dice.choices(dice.choice(SCRIPTS), k=5))
            row("title.akas", tconst, "2", other, "\\N", "\\N", "original", "\\N", "1")

    def somebody(self, share):
        """One of that share of all people, the first of them more often."""
        return f"nm{int(self.people * share * self.dice.random() ** 2) + 1:07}"

    def person(self, number):
        dice, given, family = self.dice, self.given, self.family
        # The commonest names have one in a hundred given, and one in three hundred family names.
        name = f"{given[int(len(given) * dice.random() ** 2)]} {family[int(len(family) * dice.random() ** 2)]}"
        born = str(dice.randrange(1870, 2005)) if dice.random() < 0.2 else "\\N"
        self.row("name.basics", f"nm{number:07}", name.title(), born, "\\N", "actor,director", "\\N")


def write(folder, count):
    """Writes the seven files; returns their paths."""
    writer = Writer(folder, count)
    writer.write()
    return list(writer.paths().values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--films", type=int, default=1_000_000)
    chosen = parser.parse_args()
    print(*write(chosen.folder, chosen.films), sep="\n")
