from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("publishing", "0011_approval_workflows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="gone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("comment", "First comment"), ("edit", "Change"), ("deletion", "Deletion")],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting its turn"),
                            ("sending", "Under way"),
                            ("done", "Done"),
                            ("unconfirmed", "Unconfirmed"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                        ],
                        default="pending",
                        max_length=12,
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("text_before", models.TextField(blank=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("first_sent_at", models.DateTimeField(blank=True, null=True)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("attempt_count", models.PositiveIntegerField(default=0)),
                ("look_count", models.PositiveSmallIntegerField(default=0)),
                ("remote_id", models.CharField(blank=True, max_length=500)),
                ("permalink", models.URLField(blank=True, max_length=1000)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="publishing.publication",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUpAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("is_look", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("sending", "Sending"),
                            ("done", "Done"),
                            ("rejected", "Refused"),
                            ("rate_limited", "Told to wait"),
                            ("reconnect", "Reconnecting needed"),
                            ("not_sent", "Not sent"),
                            ("unknown", "No answer"),
                            ("not_found", "Looked for, not found"),
                        ],
                        default="sending",
                        max_length=12,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500)),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="publishing.followup",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("state__in", ["pending", "unconfirmed"])),
                fields=["not_before"],
                name="publishing_follow_ups_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "comment")),
                fields=("publication",),
                name="publishing_one_first_comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["pending", "sending", "unconfirmed"])),
                fields=("publication", "kind"),
                name="publishing_one_open_follow_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True), ("done_at__isnull", False), _connector="OR"
                ),
                name="publishing_follow_up_done_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "unconfirmed"), _negated=True), ("kind", "comment"), _connector="OR"
                ),
                name="publishing_only_comments_unconfirmed",
            ),
        ),
        migrations.AddIndex(
            model_name="followupattempt",
            index=models.Index(
                condition=models.Q(("outcome", "sending")),
                fields=["started_at"],
                name="publishing_follow_ups_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="followupattempt",
            constraint=models.UniqueConstraint(
                fields=("follow_up", "number"), name="publishing_follow_up_attempt_number"
            ),
        ),
        *protect("publishing_followup", "publishing_followupattempt"),
    ]
