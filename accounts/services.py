from __future__ import annotations

from accounts.models import User


def update_profile(*, actor: User, name: str, language: str, time_zone: str, theme: str) -> None:
    """Change how the person appears and how Chorus speaks to him. Nobody else's business, so no audit event."""
    actor.name = name
    actor.language = language
    actor.time_zone = time_zone
    actor.theme = theme
    actor.save(update_fields=["name", "language", "time_zone", "theme"])
