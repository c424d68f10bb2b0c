"""Runs the tests of Django's own session framework on the engine `shared_sessions`.

    python tests.py DJANGO_SOURCE DATABASE_HOST DATABASE_USER
"""

import sys
from pathlib import Path

import django
from django.conf import settings

HERE = Path(__file__).parent
MIGRATION = HERE.parent.parent / "migrations/postgres/0001_sessions.up.sql"
# These use the table or the class of Django's own engine.
NOT_FOR_OTHER_ENGINES = {"test_empty_session_saved"}


def main(source, host, user):
    sys.path[:0] = [str(HERE), str(Path(source) / "tests")]
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "HOST": host, "USER": user}
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.sessions", "sessions_tests"],
        SECRET_KEY="k" * 50,
        SESSION_ENGINE="shared_sessions",
        USE_TZ="--use-tz" in sys.argv,
        ROOT_URLCONF=[],
    )
    django.setup()

    from django.test import TestCase
    from django.test.runner import DiscoverRunner
    from sessions_tests import tests

    from shared_sessions import SessionStore

    class SharedSessionTests(tests.SessionTestsMixin, TestCase):
        backend = SessionStore

    class SharedMiddlewareTests(tests.SessionMiddlewareTests):
        pass

    class Runner(DiscoverRunner):
        def build_suite(self, *args, **options):
            suite = self.test_loader.suiteClass()
            for case in (SharedSessionTests, SharedMiddlewareTests):
                names = self.test_loader.getTestCaseNames(case)
                suite.addTests(case(name) for name in names if name not in NOT_FOR_OTHER_ENGINES)
            print(f"{suite.countTestCases()} tests, without {sorted(NOT_FOR_OTHER_ENGINES)}")
            return suite

        def setup_databases(self, **options):
            databases = super().setup_databases(**options)
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute(MIGRATION.read_text())
            return databases

    sys.exit(bool(Runner(verbosity=1, interactive=False).run_tests([])))


if __name__ == "__main__":
    main(*[argument for argument in sys.argv[1:] if not argument.startswith("--")])
