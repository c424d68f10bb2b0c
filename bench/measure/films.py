"""A catalogue of any size, the same each time."""

import json
import random

WORDS = (
    "amber anchor april arrow autumn avenue ballad barley beacon bitter blossom border bridge bronze "
    "candle canyon captain carnival cedar chapel cinder circle city cloud coast cobalt compass copper "
    "coral corner country crane crown crystal dancer daughter dawn desert diamond distant doctor dream "
    "drum dust eagle early echo ember empire empty engine evening falcon farewell father feather "
    "field fifth fire flight forest fortune fourth garden gate ghost glass golden gravel green harbour "
    "harvest hollow horizon hotel hour hunter idle island ivory jasmine journey kingdom ladder lantern "
    "last letter library light lion little lonely long lost magnet maple marble market meadow midnight "
    "mirror monday moon morning mother mountain music narrow night north novel ocean october orchard "
    "orphan painter palace paper passage patient pearl pepper piano pilot planet poem prairie prince "
    "promise quarry quiet railway rain raven red return ribbon river road rose saffron salt scarlet "
    "school season second secret shadow shelter shore signal silence silver sister sleep snow soldier "
    "song south sparrow spring stable station stone storm stranger street summer sunday swallow table "
    "temple thousand thunder tide tiger timber tower train twelve twilight valley velvet village violet "
    "voice wagon walnut water weaver west whale wheel white willow window winter wonder yellow young"
).split()
GIVEN = "Ada Bela Carl Dina Emil Fay Gus Hana Ivo June Kurt Lena Max Nora Otto Pia Rolf Sara Tom Vera".split()
TAGS = (
    "drama comedy thriller romance crime horror adventure documentary animation war western mystery "
    "fantasy musical family history sport biography noir satire road-movie heist courtroom espionage"
).split()
COUNTRIES = ["France", "Japan", "United States", "India", "Brazil", "Senegal", "Poland", "Mexico"]


def title(dice):
    return " ".join(dice.choices(WORDS, k=dice.choice((2, 3, 3, 4)))).capitalize()


def write(path, count):
    """Writes `count` films, one JSON line each; everybody has directed four."""
    dice = random.Random(1895)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            person = number // 4
            family = WORDS[person % len(WORDS)] + WORDS[person // len(WORDS) % len(WORDS)]
            film = {
                "title": title(dice),
                "year": dice.randint(1920, 2025),
                "runtime": dice.randint(60, 210),
                "directors": [f"{GIVEN[person % 20]} {family.capitalize()} {person}"],
                "tags": dice.sample(TAGS, 3),
                "country": [dice.choice(COUNTRIES)],
                "language": ["en"],
                "synopsis": " ".join(dice.choices(WORDS, k=30)).capitalize() + ".",
                # Films of one title and year stay two.
                "wikidata": f"Q{number + 1}",
            }
            file.write(json.dumps(film) + "\n")


def mistyped(words, dice):
    """Two of the words, each with a typing error."""

    def wrong(word):
        at = dice.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    long = [word for word in words if len(word) > 4]
    return " ".join(wrong(word) for word in dice.sample(long, 2)) if len(long) > 1 else None
