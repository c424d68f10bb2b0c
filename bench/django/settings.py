"""A production site in Django over Marquee's own catalogue tables.

BENCH_DATABASE (a socket folder), BENCH_NAME: where the database is. BENCH_REDIS, when set: sessions
are in Redis, and the part of a page that is the same for everybody is kept in each process for a
minute. Without it: sessions in the database, every page made anew.
"""

import os

REDIS = os.environ.get("BENCH_REDIS")

SECRET_KEY = "only for measuring, and public: 0123456789abcdef0123456789abcdef"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
WSGI_APPLICATION = "wsgi.application"
USE_I18N = False
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "films",
]
# What the pages need, and no more.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Templates are cached by default when DEBUG is off.
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
APPEND_SLASH = False

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["BENCH_DATABASE"],
        "NAME": os.environ["BENCH_NAME"],
        "USER": "postgres",
        # One connection a process, kept open.
        "CONN_MAX_AGE": None,
        # A short word with two letters exchanged is hardly like the right one: at 0.3 two in five
        # searches would not show what was meant, at 0.25 one in five.
        "OPTIONS": {
            "options": "-c session_preload_libraries=pg_trgm -c pg_trgm.word_similarity_threshold=0.25"
        },
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends." + ("cache" if REDIS else "db")
LOCAL = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS}
        if REDIS
        else {"BACKEND": LOCAL}
    ),
    "pages": {"BACKEND": LOCAL, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 2000}},
}

LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
