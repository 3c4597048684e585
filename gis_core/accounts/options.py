"""Django's settings about who may come in, and how; `gis_core.settings` takes them in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from gis_core.config import Config

# Before the house's own apps: these templates and words come before allauth's.
APPS = (
    "gis_core.accounts.apps.AccountsConfig",
    "gis_core.accounts.apps.CityAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
)
# After the middleware that knows session and user; axes last, as it turns a locked attempt into its answer.
MIDDLEWARE = (
    "allauth.account.middleware.AccountMiddleware",
    "gis_core.accounts.requests.CallerMiddleware",
    "axes.middleware.AxesMiddleware",
)


def account_options(config: Config) -> dict[str, Any]:
    """Settings by name, for an instance that its users reach at ``config.public_url``."""
    secure = config.public_url.startswith("https://")
    return {
        "AUTH_USER_MODEL": "accounts.User",
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "allauth.account.auth_backends.AuthenticationBackend",
        ],
        # allauth remembers in it which second-factor codes were tried and used: every process must know.
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "accounts_cache",
            }
        },
        **passwords(),
        **cookies(secure),
        **mail(config),
        **signing_in(secure),
        **lockout(),
    }


def passwords() -> dict[str, Any]:
    return {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
            for name, options in (
                ("UserAttributeSimilarityValidator", {}),
                ("MinimumLengthValidator", {"min_length": 12}),
                ("CommonPasswordValidator", {}),
            )
        ],
        "PASSWORD_RESET_TIMEOUT": 3600,
    }


def cookies(secure: bool) -> dict[str, Any]:
    """The front door looks for a cookie called ``sessionid``: whoever has one is not served the public's tiles."""
    return {
        "SESSION_COOKIE_NAME": "sessionid",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": secure,
        # The front door always sets the header itself, so nobody outside can.
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if secure else None,
    }


def mail(config: Config) -> dict[str, Any]:
    """``smtp://`` or ``smtps://user:password@host:port``; without one, letters are files in ``<var>/mail``."""
    sender = {"DEFAULT_FROM_EMAIL": config.mail_from, "SERVER_EMAIL": config.mail_from}
    if not config.mail_url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {**sender, "EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(config.var / "mail")}
    url = urlsplit(config.mail_url)
    return {
        **sender,
        "EMAIL_HOST": url.hostname or "localhost",
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": url.username or "",
        "EMAIL_HOST_PASSWORD": url.password or "",
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp" and url.username is not None,
        "EMAIL_TIMEOUT": 10,
    }


def signing_in(secure: bool) -> dict[str, Any]:
    """allauth: by name or address, with a second factor; accounts are made by an administrator."""
    return {
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "/",
        "LOGOUT_REDIRECT_URL": "/",
        "ACCOUNT_ADAPTER": "gis_core.accounts.adapters.AccountAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username", "email"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "email", "password1*", "password2*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS": False,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "[Hương] ",
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        # Wrong passwords are axes' affair (every process counts together); this one is for second-factor codes.
        "ACCOUNT_RATE_LIMITS": {"login_failed": "5/5m/key"},
        "MFA_ADAPTER": "gis_core.accounts.adapters.SecondFactorAdapter",
        # A security key works only where the page came over https.
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes", *(["webauthn"] if secure else [])],
        "MFA_TOTP_ISSUER": "Hương",
        "MFA_TOTP_TOLERANCE": 1,
        # An administrator made the account and typed its address.
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
    }


def lockout() -> dict[str, Any]:
    """axes: ten wrong passwords for one name from one address close that pair for a quarter of an hour.

    Never the name alone: anybody could shut an officer out. Never the address alone: a whole commune may share one.
    """
    return {
        "AXES_FAILURE_LIMIT": 10,
        "AXES_COOLOFF_TIME": timedelta(minutes=15),
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
        "AXES_USERNAME_CALLABLE": "gis_core.accounts.lockout.attempted_name",
        "AXES_CLIENT_IP_CALLABLE": "gis_core.accounts.requests.client_address",
        "AXES_LOCKOUT_CALLABLE": "gis_core.accounts.lockout.locked_out",
        "AXES_SENSITIVE_PARAMETERS": ["username", "ip_address", "csrfmiddlewaretoken"],
        "AXES_VERBOSE": False,
    }
