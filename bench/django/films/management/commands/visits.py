"""Sessions of returning visitors: made, or their visits added up. Keys come one a line."""

import sys
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.cache import KEY_PREFIX
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management.base import BaseCommand
from django.utils import timezone

BATCH = 10_000


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["make", "sum"])

    def handle(self, *, action, **options):
        keys = [line.strip() for line in sys.stdin]
        if action == "sum":
            visits = sum(session.get("num_visits", 0) for session in stored(keys))
            self.stdout.write(str(visits))
        else:
            make(keys)


def stored(keys):
    """What the sessions hold that are there."""
    if settings.REDIS:
        cache = caches[settings.SESSION_CACHE_ALIAS]
        return cache.get_many([KEY_PREFIX + key for key in keys]).values()
    return [session.get_decoded() for session in Session.objects.filter(session_key__in=keys)]


def make(keys):
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if settings.REDIS:
        for key in keys:
            session = store(key)
            # Asked for a value, it would look for the stored session and forget this key.
            session._session_cache = {"num_visits": 1}
            session.save(must_create=True)
        return
    data = store().encode({"num_visits": 1})
    until = timezone.now() + timedelta(days=14)
    sessions = (Session(session_key=key, session_data=data, expire_date=until) for key in keys)
    Session.objects.bulk_create(sessions, batch_size=BATCH)
