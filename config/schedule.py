"""All periodic work on one screen: task, how often, why. Each only looks for rows that are due."""

from __future__ import annotations

from typing import Any

SECOND = 1.0
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

PERIODIC_WORK: dict[str, dict[str, Any]] = {
    "send due publications": {
        "task": "publishing.tasks.send_due_publications",
        "schedule": 1 * SECOND,
        "options": {"expires": 5 * SECOND},  # a later look finds the same rows
    },
    "ask networks about what is processing or unconfirmed": {
        "task": "publishing.tasks.ask_networks_again",
        "schedule": 5 * SECOND,
        "options": {"expires": 10 * SECOND},
    },
    "say first comments, and change and delete posts that are out": {
        "task": "publishing.tasks.follow_up_posts_that_are_out",
        "schedule": 5 * SECOND,
        "options": {"expires": 10 * SECOND},
    },
    "recover publications of lost messages and dead workers": {
        "task": "publishing.tasks.recover_interrupted_publications",
        "schedule": 15 * SECOND,
        "options": {"expires": 30 * SECOND},
    },
    "hold what was not approved in time, remind and turn to others": {
        "task": "publishing.tasks.look_after_approvals",
        "schedule": 30 * SECOND,
        "options": {"expires": 30 * SECOND},
    },
    "plan posts that come again": {
        "task": "publishing.tasks.plan_repetitions",
        "schedule": 10 * MINUTE,
        "options": {"expires": 10 * MINUTE},
    },
    "go on with imports of posts that stopped": {
        "task": "publishing.tasks.take_up_stalled_imports",
        "schedule": 30 * SECOND,
        "options": {"expires": 30 * SECOND},
    },
    "go on with merges of boards": {
        "task": "social_accounts.tasks.take_up_merges",
        "schedule": 1 * MINUTE,
        "options": {"expires": 1 * MINUTE},
    },
    "collect the numbers of posts": {
        "task": "reporting.tasks.collect_due_metrics",
        "schedule": 5 * MINUTE,
        "options": {"expires": 5 * MINUTE},
    },
    "check connections of profiles": {
        "task": "social_accounts.tasks.check_due_profiles",
        "schedule": 5 * MINUTE,
        "options": {"expires": 5 * MINUTE},
    },
    "forget answers that were given to writes a day ago": {
        "task": "api.tasks.forget_old_answers",
        "schedule": 1 * HOUR,
    },
    "look at guardrails that time may have broken": {
        "task": "governance.tasks.look_at_due_assertions",
        "schedule": 1 * MINUTE,
        "options": {"expires": 1 * MINUTE},
    },
    "forget attempts to connect that came to nothing": {
        "task": "social_accounts.tasks.forget_old_attempts",
        "schedule": 1 * HOUR,
    },
    "mail what people are told": {
        "task": "notifications.tasks.send_due_mails",
        "schedule": 10 * SECOND,
        "options": {"expires": 10 * SECOND},
    },
    "forget old notifications": {
        "task": "notifications.tasks.forget_old_notifications",
        "schedule": 6 * HOUR,
    },
    "end looks as somebody else whose time is over": {
        "task": "orgs.tasks.end_overdue_views",
        "schedule": 1 * MINUTE,
        "options": {"expires": 1 * MINUTE},
    },
    "announce what access ends soon": {
        "task": "orgs.tasks.announce_ends",
        "schedule": 15 * MINUTE,
        "options": {"expires": 15 * MINUTE},
    },
}
