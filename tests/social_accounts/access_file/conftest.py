from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

FULL = """\
version: 1
organizations:
  - slug: brandco
    name: Brand & Co.
    packs: [standard, hootsuite]
    two_factor: managers
    workspaces: [{slug: eu, name: Europe}, {slug: us, name: United States}]
    people:
      - {email: olga@brandco.test, name: Olga Owner, role: standard:owner}
      - {email: paul@brandco.test, role: standard:member, workspaces: [eu], default_workspace: eu}
      - {email: ana@brandco.test, name: Ana Admin, role: standard:member}
      - {email: sven@brandco.test, role: standard:manager, status: suspended}
      - email: temp@brandco.test
        role: {role: hootsuite:admin, expires: 2026-12-31T00:00:00Z}
        starts: 2026-11-01T00:00:00+01:00
        expires: 2027-01-01T00:00:00Z
      - {email: lock@brandco.test, role: counsel, workspaces: []}
    roles:
      - slug: reply-only
        scope: profile
        name: Replies only
        actions: [view_posts, profile.publish_replies, send_for_approval]
      - {slug: counsel, scope: organization, name: Counsel, actions: [view_audit_log]}
      - {slug: guide, scope: team, name: Guide, actions: [view_team]}
    profiles:
      - {slug: brand-x, network: x, name: "@brand", workspace: eu}
      - {slug: brand-tube, network: youtube, name: Brand, workspace: us}
    teams:
      - slug: brand
        name: Brand
        members:
          paul@brandco.test: standard:team_member
          ana@brandco.test: {role: standard:team_admin, expires: 2026-12-24T00:00:00Z}
          sven@brandco.test: guide
        profiles: {brand-x: standard:editor, brand-tube: {role: reply-only, starts: 2026-10-01T00:00:00Z}}
      - {slug: empty, name: Nobody yet}
    grants:
      - {person: paul@brandco.test, profile: brand-x, role: standard:moderator, reason: holiday cover,
         starts: 2026-11-01T00:00:00Z, expires: 2026-12-01T00:00:00Z}
      - {person: paul@brandco.test, profile: brand-x, role: reply-only}
      - {person: ana@brandco.test, profile: brand-tube, role: standard:none}
"""

SMALL = """\
version: 1
organizations:
  - slug: small
    name: Small
    people:
      - {email: olga@small.test, role: standard:owner}
      - {email: paul@small.test, role: standard:member}
    profiles:
      - {slug: small-x, network: x}
"""


def run(*arguments: str) -> str:
    """Return what ``manage.py access ...`` prints."""
    out = io.StringIO()
    call_command("access", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., str]:
    """Return a function that loads a text, through the command."""

    def load(text: str, *options: str) -> str:
        path = tmp_path / "access.yaml"
        path.write_text(text, encoding="utf-8")
        return run("load", str(path), *options)

    return load
