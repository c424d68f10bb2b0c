"""A Django session engine on the Postgres table of actix-web-sessions.

A Django application and an actix-web application that use the same database and the same cookie settings
share live sessions: SESSION_ENGINE = "shared_sessions".
"""

import copy
import hashlib
from datetime import datetime, timezone

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import connection
from psycopg.types.json import Jsonb

LIVE = "key_hash = %s AND data IS NOT NULL AND expires_at > now()"
RESERVED = "reserved_until > now()"
DEADLINE = (
    "own_seconds = %s, own_until = %s, expires_at = %s, "
    "sweep_hour = ceil(extract(epoch FROM greatest(%s, reserved_until)) / 3600)::int"
)


class SessionStore(SessionBase):
    """Changes are merged by key. `set_expiry` is stored beside the data, as actix-web-sessions does."""

    _loaded = {}

    def exists(self, session_key):
        return self._run(f"SELECT 1 FROM sessions WHERE {LIVE}", [digest(session_key)]) == 1

    def create(self):
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def load(self):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT data::text, own_seconds, own_until FROM sessions WHERE {LIVE}",
                [digest(self.session_key)],
            )
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        data = self.serializer().loads(row[0].encode())
        self._loaded = copy.deepcopy(data)
        if row[1] is not None or row[2] is not None:
            data["_session_expiry"] = int(row[1]) if row[2] is None else row[2].isoformat()
        return data

    def save(self, must_create=False):
        if self.session_key is None:
            return self.create()
        data = dict(self._get_session(no_load=must_create))
        own = data.pop("_session_expiry", None)
        seconds, until = (own, None) if isinstance(own, int) else (None, own)
        ends = self.get_expiry_date()
        if ends.tzinfo is None:
            ends = ends.astimezone(timezone.utc)
        if until is not None:
            until = datetime.fromisoformat(until)
            until = until if until.tzinfo else until.astimezone(timezone.utc)
        key, data = digest(self.session_key), self._plain(data)
        if must_create:
            columns = "key_hash, data, own_seconds, own_until, expires_at, sweep_hour"
            values = "%s, %s, %s, %s, %s, ceil(extract(epoch FROM %s::timestamptz) / 3600)::int"
            insert = f"INSERT INTO sessions ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING"
            if self._run(insert, [key, Jsonb(data), seconds, until, ends, ends]) == 0:
                raise CreateError
        else:
            removed = [name for name in self._loaded if name not in data]
            changed = {n: v for n, v in data.items() if n not in self._loaded or self._loaded[n] != v}
            update = f"UPDATE sessions SET data = (data - %s::text[]) || %s, {DEADLINE} WHERE {LIVE}"
            values = [removed, Jsonb(changed), seconds, until, ends, ends, key]
            if self._run(update, values) == 0:
                raise UpdateError
        self._loaded = copy.deepcopy(data)

    def delete(self, session_key=None):
        session_key = session_key or self.session_key
        if session_key is None:
            return
        end = "data = NULL, own_seconds = NULL, own_until = NULL, expires_at = '-infinity'"
        self._run(f"UPDATE sessions SET {end} WHERE key_hash = %s AND {RESERVED}", [digest(session_key)])
        self._run(
            f"DELETE FROM sessions WHERE key_hash = %s AND ({RESERVED}) IS NOT TRUE", [digest(session_key)]
        )

    @classmethod
    def clear_expired(cls):
        cls._run(f"DELETE FROM sessions WHERE expires_at < now() AND ({RESERVED}) IS NOT TRUE", [])

    def _plain(self, data):
        """The data after a round trip through JSON."""
        serializer = self.serializer()
        return serializer.loads(serializer.dumps(data))

    @staticmethod
    def _run(sql, values):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.rowcount


def digest(session_key):
    """The primary key of a session; no row has the empty one."""
    return hashlib.sha256(session_key.encode()).digest() if session_key else b""
