#!/usr/bin/env python3
"""Cuts the poster typefaces from the npm packages @fontsource/* to what film titles need.

    pip install fonttools brotli
    npm install @fontsource/{abril-fatface,josefin-sans,besley,inter-tight,league-spartan,league-gothic,instrument-serif}
    ./fonts.py node_modules

Writes NAME.woff2 (Latin) and NAME-ext.woff2 (U+0100-024F) for browsers, and NAME.ttf (both) for
measuring titles and drawing link previews.
"""
import sys
from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

# Name, package, weight, and the line height, which src/lettering.rs repeats.
FACES = [
    ("playbill", "abril-fatface", 400, 1.0),
    ("deco", "josefin-sans", 700, 1.0),
    ("clarendon", "besley", 800, 1.0),
    ("grotesk", "inter-tight", 800, 0.95),
    ("spartan", "league-spartan", 800, 0.94),
    ("gothic", "league-gothic", 400, 0.94),
    ("display", "instrument-serif", 400, 0.92),
]
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026, 0x2032]
EXTENDED = range(0x100, 0x250)


def cut(path, letters, name, line):
    font = TTFont(path)
    options = Options(
        hinting=False, layout_features=["kern", "mark"], name_IDs=[0, 1, 2, 4, 6], name_languages=[0x409],
        notdef_outline=True, drop_tables=["DSIG", "STAT", "GDEF", "meta"],
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    # The baseline is .115 em above the foot of a line, whatever the face.
    em = font["head"].unitsPerEm
    ascent = round(em * (1.2 + line - 0.23) / 2)
    descent = round(em * 1.2) - ascent
    hhea, os2 = font["hhea"], font["OS/2"]
    hhea.ascent, hhea.descent, hhea.lineGap = ascent, -descent, 0
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ascent, -descent, 0
    os2.usWinAscent, os2.usWinDescent = ascent, descent
    # Two of the faces reserve their names, so all get new ones.
    family = f"Poster {name.title()}"
    for record, text in [(1, family), (2, "Regular"), (4, family), (6, family.replace(" ", ""))]:
        font["name"].setName(text, record, 3, 1, 0x409)
    font.flavor = None
    return font


def main():
    packages, folder = Path(sys.argv[1]) / "@fontsource", Path(__file__).parent
    for name, package, weight, line in FACES:
        parts = []
        for subset, letters, suffix in [("latin", LATIN, ""), ("latin-ext", EXTENDED, "-ext")]:
            path = packages / package / "files" / f"{package}-{subset}-{weight}-normal.woff2"
            font = cut(path, letters, name, line)
            plain = BytesIO()
            font.save(plain)
            parts.append(plain)
            font.flavor = "woff2"
            font.save(folder / f"{name}{suffix}.woff2")
        for part in parts:
            part.seek(0)
        merger = Merger()
        merged = merger.merge(parts)
        # The subsets' kerning is for browsers; nothing here reads it.
        for table in ["GPOS", "GSUB", "GDEF", "kern"]:
            if table in merged:
                del merged[table]
        merged.save(folder / f"{name}.ttf")


main()
