"""The README's picture: requests a second, page by page."""

import math

from .plan import PAGES
from .report import medians, number

WIDTH, ROW, LEFT = 860, 22, 210
COLOURS = {"marquee": "#a3262a", "django cached": "#4d6a8f", "django": "#8d99a6", "bytes": "#5b5b5b"}
LABELS = {
    "marquee": "Marquee",
    "django cached": "Django, Redis sessions, cached parts",
    "django": "Django, database sessions",
    "bytes": "plain bytes of that size",
}


def draw(results, caption):
    """Bars on a logarithmic scale, each with its figure."""
    rates = {
        (cell.page, cell.site): medians(rounds)["requests_per_second"]
        for cell, rounds in results.items()
        if (cell.size, cell.visitors, cell.connections) == ("small", "returning", 32)
    }
    top = math.log10(max(rates.values()))
    room = WIDTH - LEFT - 90
    parts, y = [], 46
    for page in PAGES:
        sites = [site for site in COLOURS if (page, site) in rates]
        parts.append(f'<text x="12" y="{y + 16}" font-weight="600">{page}</text>')
        for site in sites:
            rate = rates[page, site]
            length = max(room * math.log10(max(rate, 1)) / top, 2)
            parts.append(
                f'<rect x="{LEFT}" y="{y}" width="{length:.0f}" height="{ROW - 5}" rx="2" '
                f'fill="{COLOURS[site]}"/><text x="{LEFT + length + 6:.0f}" y="{y + 13}">{number(rate)}</text>'
            )
            y += ROW
        y += 12
    for at, site in enumerate(COLOURS):
        x, line = 12 + at % 2 * 420, y + at // 2 * 22
        parts.append(f'<rect x="{x}" y="{line}" width="14" height="14" rx="2" fill="{COLOURS[site]}"/>')
        parts.append(f'<text x="{x + 22}" y="{line + 12}">{LABELS[site]}</text>')
    height = y + 56
    title = "Requests answered in a second, 32 connections (logarithmic scale)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="#222"><title>{title}</title>'
        f'<rect width="100%" height="100%" fill="#fff"/><text x="12" y="24" font-size="15" '
        f'font-weight="600">{title}</text>{"".join(parts)}'
        f'<text x="{WIDTH - 12}" y="{height - 10}" text-anchor="end" fill="#666" font-size="11">{caption}</text></svg>\n'
    )
