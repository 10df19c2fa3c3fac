"""What an approval is sealed to: the text, the media, the target and the time, as they were shown."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from publishing.models import Publication
from publishing.tracking import tracking_of


def sealed_content(publication: Publication) -> dict[str, Any]:
    """Return what a reviewer is shown of the publication, to be kept beside the seal."""
    post, profile = publication.post, publication.profile
    return {
        "text": post.text_for(profile.network),
        "options": dict(post.network_options.get(profile.network, {})),
        "link_card": post.link_card,
        "tracking": tracking_of(post, profile.network),
        "language": post.language,
        "media": [
            {"pk": one.pk, "digest": one.digest, "alt_text": one.alt_text, "filename": one.filename}
            for one in post.media.order_by("position", "pk")
        ],
        "profile": {"pk": profile.pk, "name": str(profile)},
        "due_at": publication.due_at.isoformat() if publication.due_at else None,
    }


def seal_of(publication: Publication) -> str:
    """Return the SHA-256 of what goes out, where and when. Another one means: not what was approved."""
    network = publication.profile.network
    due_at = publication.due_at.timestamp() if publication.due_at else None
    sealed = [publication.post.content_digest(network), publication.profile_id, due_at]
    return hashlib.sha256(json.dumps(sealed).encode()).hexdigest()
