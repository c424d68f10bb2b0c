"""Sessions of returning visitors: made, or added up. Keys come one a line."""

import sys
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone

BATCH = 10_000


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["make", "sum"])

    def handle(self, *, action, **options):
        store = import_module(settings.SESSION_ENGINE).SessionStore
        keys = (line.strip() for line in sys.stdin)
        if action == "sum":
            total = sum(store(key).get("num_visits", 0) for key in keys)
            self.stdout.write(str(total))
        elif settings.REDIS:
            for key in keys:
                session = store(key)
                # Asked for a value, it would look for the stored session and forget this key.
                session._session_cache = {"num_visits": 1}
                session.save(must_create=True)
        else:
            data = store().encode({"num_visits": 1})
            until = timezone.now() + timedelta(days=14)
            sessions = (Session(session_key=k, session_data=data, expire_date=until) for k in keys)
            Session.objects.bulk_create(sessions, batch_size=BATCH)
