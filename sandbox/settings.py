"""Settings of the sandbox's own small Django project: no apps, no ORM, its state in one SQLite file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def _secret(state: Path) -> str:
    """Return the secret of this state folder, made once: consent forms and tokens outlive a restart."""
    state.mkdir(parents=True, exist_ok=True)
    path = state / "secret"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


BASE_DIR = Path(__file__).resolve().parent
STATE_DIR = Path(os.environ.get("SANDBOX_STATE") or BASE_DIR.parent / ".data" / "sandbox")
SECRET_KEY = _secret(STATE_DIR)
DEBUG = False
# Names a browser or client on this machine may use; any other is a page that tricks a browser (DNS rebinding).
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".test", ".localhost"]
ALLOWED_HOSTS += [name for name in os.environ.get("SANDBOX_ALLOWED_HOSTS", "").split(",") if name]
INSTALLED_APPS: list[str] = []
MIDDLEWARE = ["sandbox.gate.gate"]
ROOT_URLCONF = "sandbox.mastodon.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"builtins": ["django.templatetags.i18n"]},
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    # Wrong requests are what this process is for: only its own failures are worth a line.
    "loggers": {
        "django.request": {"level": "CRITICAL", "propagate": False},
        "sandbox": {"handlers": ["console"], "level": "INFO"},
    },
}
