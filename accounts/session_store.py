"""Sessions in the cache and the database (``SESSION_ENGINE``), with keys of one shape only."""

from __future__ import annotations

import re

from django.contrib.sessions.backends import cached_db

OUR_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(cached_db.SessionStore):
    """Takes no key that Django would not have made: a tampered cookie is no session, and never an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and OUR_KEY.fullmatch(key) is not None
