"""The pages: as few queries as the ORM allows, and none for a part that is kept."""

import time

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.cache import caches
from django.core.paginator import Paginator
from django.db.models import F, Value
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import get_template

from .models import Director, Film, Tag

PER_PAGE = 24
KEPT_SECONDS = 60
MOST_VIEWED = 100
NEWEST = (F("year").desc(nulls_last=True), "sort_title", "id")


def respond(request, template, context):
    """The page; `context` makes what its middle shows, which is the same for everybody."""

    def middle():
        return get_template(template).render(context())

    if settings.REDIS:
        middle = caches["pages"].get_or_set(request.get_full_path(), middle, KEPT_SECONDS)
    else:
        middle = middle()
    session = request.session
    page = {
        "middle": middle,
        "theme": session.get("theme", "system"),
        "visits": getattr(request, "visits", session.get("num_visits", 0)),
    }
    return HttpResponse(get_template("base.html").render(page))


def count_visit(request):
    request.visits = request.session.get("num_visits", 0)
    request.session["num_visits"] = request.visits + 1


def shown(films):
    return films.prefetch_related("directors", "tags")


def paged(request, films):
    page = Paginator(shown(films), PER_PAGE).get_page(request.GET.get("page"))
    return {"page": page, "films": page.object_list, "total": page.paginator.count}


def film_list(request, slug=None):
    count_visit(request)

    def context():
        films = Film.objects.order_by(*NEWEST)
        heading = "All films"
        for tag in filter(None, [slug, request.GET.get("tag")]):
            tag = get_object_or_404(Tag, slug=tag)
            heading = tag.name
            films = films.filter(tags=tag)
        if decade := request.GET.get("decade"):
            films = films.filter(year__gte=int(decade[:4]), year__lt=int(decade[:4]) + 10)
        return {"heading": heading, **paged(request, films)}

    return respond(request, "list.html", context)


def film(request, slug):
    """A film that is opened is remembered, as in Marquee."""

    def context():
        film = shown(Film.objects.filter(slug=slug)).first()
        if film is None:
            raise Http404
        others = Film.objects.filter(directors__in=film.directors.all()).exclude(pk=film.pk)
        return {"film": film, "films": shown(others.order_by(*NEWEST))[:12]}

    response = respond(request, "film.html", context)
    viewed = request.session.get("viewed", {})
    viewed[slug] = int(time.time())
    while len(viewed) > MOST_VIEWED:
        del viewed[min(viewed, key=viewed.get)]
    request.session["viewed"] = viewed
    return response


def director(request, slug):
    def context():
        director = get_object_or_404(Director, slug=slug)
        return {"director": director, "films": shown(director.films.order_by(*NEWEST))[:500]}

    return respond(request, "director.html", context)


def search(request):
    """Films in whose titles every word stands, typing errors forgiven, by the trigram index."""
    words = request.GET.get("q", "").split()

    def context():
        films, likeness = Film.objects.all(), Value(0.0)
        for word in words:
            films = films.filter(title__trigram_word_similar=word)
            likeness += TrigramWordSimilarity(word, "title")
        best = films.order_by(likeness.desc(), "sort_title", "id")
        return {"heading": " ".join(words), **paged(request, best)}

    return respond(request, "list.html", context)
