"""Settings of Chorus. Everything that differs between installations comes from the environment (docs/operations.md)."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.logs import configure_structlog
from config.schedule import PERIODIC_WORK

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment; docs/operations.md says what it is for.")
    return value


def env_flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


# --- the installation ------------------------------------------------------------------------------------------
DEBUG = env_flag("CHORUS_DEBUG")
SECRET_KEY = env("SECRET_KEY")
BASE_URL = env("CHORUS_BASE_URL", "http://localhost:8000").rstrip("/")
IS_HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env("CHORUS_ALLOWED_HOSTS", f"{urlsplit(BASE_URL).hostname},localhost,127.0.0.1").split(",")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "ui.views.csrf_failure"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "ui",
    "tenancy",
    "accounts",
    "audit",
    "permissions",
    "api",
    "notifications",
    "orgs",
    "social_accounts",
    "governance",
    "publishing",
    "reporting",
    "bench",  # one command, seed_scale; no tables
    "config.apps.ConfigConfig",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "guardian",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "ui.addresses.NullCharacterMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActivityMiddleware",
    "config.logs.RequestLogMiddleware",
    "orgs.view_as.ViewAsMiddleware",
    "orgs.middleware.OrganizationMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.shell.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "django_cotton.templatetags.cotton",
                "ui.templatetags.ui",
                "django.templatetags.static",
                "django.templatetags.i18n",
            ],
        },
    }
]
FORM_RENDERER = "ui.forms.FormRenderer"


# --- database and cache -----------------------------------------------------------------------------------------
def database(url: str) -> dict[str, object]:
    """Return Django's settings for a postgresql:// URL. ``CHORUS_DB_POOL=min,max`` turns the pool on (threads)."""
    parts = urlsplit(url)
    options: dict[str, object] = {}
    settings: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or dict(parse_qsl(parts.query)).get("host", ""),
        "PORT": parts.port or "",
        "ATOMIC_REQUESTS": True,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
    pool = os.environ.get("CHORUS_DB_POOL")
    if pool:
        low, high = pool.split(",")
        options["pool"] = {"min_size": int(low), "max_size": int(high), "timeout": 10}
    else:
        settings["CONN_MAX_AGE"] = 60
    return settings


DATABASES = {"default": database(env("DATABASE_URL"))}
REDIS_URL = env("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# --- people and sign-in -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "permissions.backends.ExplainedObjectPermissionBackend",
    "accounts.backends.SignInBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS and env_flag("CHORUS_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_flag("CHORUS_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "30/m/ip", "signup": "20/m/ip"}
# Behind a proxy the limits count by the address the proxy saw, not by the proxy's own.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env_flag("CHORUS_BEHIND_PROXY") else 0
MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_FORMS = {"add_webauthn": "accounts.key_form.AddKeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Chorus"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
USERSESSIONS_TRACK_ACTIVITY = True
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # guardian's backend is hooked through our subclass of it
GUARDIAN_AUTO_PREFETCH = False
ANONYMOUS_USER_NAME = None  # guardian: no product user stands for "nobody"

# --- languages and time -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("pt-br", _("Brazilian Portuguese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("CHORUS_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "build" / "static", BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
MEDIA_ROOT = Path(env("CHORUS_MEDIA_ROOT", str(BASE_DIR / ".data" / "media")))
MEDIA_URL = "/media/"
_s3_bucket = os.environ.get("CHORUS_S3_BUCKET")
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": _s3_bucket, "endpoint_url": os.environ.get("CHORUS_S3_ENDPOINT")},
        }
        if _s3_bucket
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if STATIC_ROOT.exists() or env_flag("CHORUS_MANIFEST")
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# --- mail -----------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = env("CHORUS_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env("CHORUS_EMAIL_DIR", str(BASE_DIR / ".data" / "mail"))
DEFAULT_FROM_EMAIL = env("CHORUS_EMAIL_FROM", "Chorus <chorus@localhost>")
ANYMAIL = {
    key.removeprefix("ANYMAIL_"): value for key, value in os.environ.items() if key.startswith("ANYMAIL_")
}
if "CHORUS_SMTP_HOST" in os.environ:
    EMAIL_HOST = env("CHORUS_SMTP_HOST")
    EMAIL_PORT = int(env("CHORUS_SMTP_PORT", "587"))
    EMAIL_HOST_USER = env("CHORUS_SMTP_USER", "")
    EMAIL_HOST_PASSWORD = env("CHORUS_SMTP_PASSWORD", "")
    EMAIL_USE_TLS = env_flag("CHORUS_SMTP_TLS", True)
    EMAIL_TIMEOUT = 20  # a server that hangs keeps nobody waiting; the mail is tried again

# --- tasks ------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker killed whole: its tasks come back soon after the visibility time-out, not after the default sweep of 100 s.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_BEAT_SCHEDULE = PERIODIC_WORK

# --- networks ---------------------------------------------------------------------------------------------------------
# First key encrypts, all of them decrypt: `manage.py rotate_token_keys` re-encrypts (docs/operations.md).
TOKEN_KEYS = [key for key in env("CHORUS_TOKEN_KEYS", "").split(",") if key]
SANDBOX_MASTODON_URL = os.environ.get("CHORUS_SANDBOX_MASTODON_URL", "")
SANDBOX_BLUESKY_URL = os.environ.get("CHORUS_SANDBOX_BLUESKY_URL", "")
# The sandbox's other networks, each below this address; all of them are part of its Mastodon server.
SANDBOX_NETWORKS_URL = f"{SANDBOX_MASTODON_URL}/-" if SANDBOX_MASTODON_URL else ""
# Networks where the operator registers Chorus by hand (docs/operations.md): network, client id, secret.
NETWORK_APPS = [
    (
        network,
        os.environ.get(f"CHORUS_{network.upper()}_CLIENT_ID", ""),
        os.environ.get(f"CHORUS_{network.upper()}_CLIENT_SECRET", ""),
    )
    for network in ("facebook", "instagram", "threads", "linkedin", "x", "pinterest", "youtube", "tiktok")
]
# The permissions an operator's application was given there, where they are fewer than Chorus would ask for: LinkedIn
# and Meta end the whole consent at one they do not know of.
NETWORK_SCOPES = [
    (network, tuple(os.environ.get(f"CHORUS_{network.upper()}_SCOPES", "").replace(",", " ").split()))
    for network in ("facebook", "instagram", "linkedin")
]
# Origins that may be reached although they are private or not https: the sandbox, and servers of the tests.
TRUSTED_NETWORK_ORIGINS = [
    origin
    for origin in [
        SANDBOX_MASTODON_URL,
        SANDBOX_BLUESKY_URL,
        *os.environ.get("CHORUS_TRUSTED_ORIGINS", "").split(","),
    ]
    if origin
]
BLUESKY_CLIENT_KEY = os.environ.get(
    "CHORUS_BLUESKY_CLIENT_KEY", ""
)  # a private ES256 key as JWK; see operations.md
# The sandbox is a world of its own beside the real network: see social_accounts/connections.py.
BLUESKY_PLC_URL = os.environ.get("CHORUS_BLUESKY_PLC_URL", "https://plc.directory")
BLUESKY_ENTRY_URL = os.environ.get("CHORUS_BLUESKY_ENTRY_URL", "https://bsky.social")

# --- API -------------------------------------------------------------------------------------------------------------
# Requests of one API key, or of one person with all his sessions.
API_RATE = env("CHORUS_API_RATE", "600/min")
# What every address has in common is declared where it can be read: api/views.py.
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "api.schema.DocumentedSchema", "DEFAULT_AUTHENTICATION_CLASSES": []}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chorus",
    "VERSION": "1",
    "DESCRIPTION": "Who may do what in an organization, why, and changing it. docs/api.md tells how to begin.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AssertionKind": "governance.models.Assertion.Kind",
        "ReviewKind": "governance.models.Review.Kind",
        "MembershipStatus": "orgs.models.Membership.Status",
        "ProfileStatus": "social_accounts.models.SocialProfile.Status",
    },
}

# --- logs: never a token, a message body or an e-mail address --------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.CleanFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("CHORUS_LOG_LEVEL", "WARNING")},
}
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DEFAULT_EXCEPTION_REPORTER_FILTER = "social_accounts.error_pages.SecretsFilter"
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
configure_structlog()
