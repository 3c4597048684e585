"""Django settings of every process, from `gis_core.config`."""

from __future__ import annotations

import importlib.util
import pkgutil
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy

from gis_core import logs, native_libraries
from gis_core.accounts.options import APPS as ACCOUNT_APPS
from gis_core.accounts.options import MIDDLEWARE as ACCOUNT_MIDDLEWARE
from gis_core.accounts.options import account_options
from gis_core.config import Config
from gis_core.days import ZONE_NAME
from gis_core.http import bodies, negotiation, policy
from gis_core.http.address import hosts_of

CONFIG = Config.from_env()


def packages_with(module: str, *, under: str) -> list[str]:
    """Packages directly under package ``under`` that have a module ``module``, sorted by name.

    This is how a new layer joins: its package lies beside the others and no list names it.
    """
    parent = importlib.util.find_spec(under)
    folders = list(parent.submodule_search_locations or []) if parent else []
    found = [
        f"{under}.{info.name}"
        for info in pkgutil.iter_modules(folders)
        if info.ispkg and any((Path(folder) / info.name / f"{module}.py").exists() for folder in folders)
    ]
    return sorted(found)


# Rooms of the house that are Django apps. A package under ``layers`` is one as soon as it has a ``declaration.py``.
ROOMS = [
    name
    for name in ("web", "cameras", "sensors", "imports", "ogc_api", "tilesrv", "gis_core")
    if importlib.util.find_spec(f"{name}.apps")
]

INSTALLED_APPS = [
    *ACCOUNT_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "csp",
    "django_vite",
    "procrastinate.contrib.django",
    *ROOMS[:-1],
    *packages_with("declaration", under="layers"),
    "gis_core",
]

CONTENT_SECURITY_POLICY = policy.CONTENT_SECURITY_POLICY
X_FRAME_OPTIONS = policy.FRAME_OPTIONS
SECURE_CROSS_ORIGIN_OPENER_POLICY = policy.OPENER_POLICY
SECURE_REFERRER_POLICY = policy.EVERYWHERE["Referrer-Policy"]
SECRET_KEY = CONFIG.derive("django")
DEBUG = CONFIG.debug
ALLOWED_HOSTS = sorted(hosts_of(CONFIG.public_url))
CSRF_TRUSTED_ORIGINS = [CONFIG.public_url]
# The front door writes this header over anything that a client sends.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ROOT_URLCONF = "gis_core.urls"
WSGI_APPLICATION = "gis_core.wsgi.application"

MIDDLEWARE = [
    "gis_core.http.middleware.OpenMiddleware",
    "gis_core.accounts.requests.BodyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gis_core.http.middleware.LanguageMiddleware",
    "gis_core.http.middleware.SlashMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *ACCOUNT_MIDDLEWARE,
]


def database(role: str) -> dict[str, Any]:
    """Django's settings to connect as ``role`` (``owner`` or ``app``)."""
    parameters = dict(CONFIG.connection(role))
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": parameters.pop("dbname"),
        "USER": parameters.pop("user"),
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parameters,
    }


GDAL_LIBRARY_PATH = native_libraries.GDAL
GEOS_LIBRARY_PATH = native_libraries.GEOS

# ``default`` writes with the application's rights; ``owner`` migrates and publishes.
DATABASES = {"default": database("app"), "owner": database("owner")}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "vi"
LANGUAGE_COOKIE_NAME = negotiation.CHOICE
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGES = [("vi", gettext_lazy("Tiếng Việt")), ("en", gettext_lazy("English"))]
USE_I18N = True
FORMAT_MODULE_PATH = ["gis_core.formats"]
USE_TZ = True
TIME_ZONE = ZONE_NAME

STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.var / "static"
DJANGO_VITE = {"default": {"manifest_path": CONFIG.root / "web" / "dist" / ".vite" / "manifest.json"}}
STATICFILES_DIRS = [path for path in (CONFIG.root / "web" / "dist",) if path.exists()]
# The largest of what `gis_core.http.bodies` lets in; forms of the administration are parsed in memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = bodies.ITEMS.most
MEDIA_ROOT = CONFIG.var / "media"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Who may come in, and how: AUTH_USER_MODEL, cookies, allauth, axes, mail.
globals().update(account_options(CONFIG))

LOGGING = dict(logs.LOGGING)
