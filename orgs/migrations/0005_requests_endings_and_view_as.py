import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("orgs", "0004_partnerships_and_support"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("organization", "Organization"), ("team", "Team"), ("profile", "Profile")],
                        max_length=12,
                    ),
                ),
                ("object_id", models.BigIntegerField(blank=True, null=True)),
                ("object_name", models.CharField(max_length=255)),
                ("action", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("granted", "Given"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("given_until", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            ],
        ),
        migrations.CreateModel(
            name="EndAnnouncement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("row", models.BigIntegerField()),
                ("ends_at", models.DateTimeField()),
                ("days_before", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ViewAs",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="requests_die_with_it",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="delete from orgs_accessrequest where scope = 'team' and object_id = old.id; return null;",
                    hash="bc6544d9a566e8e3649d644c4a0fc4d1a85557c8",
                    operation="DELETE",
                    pgid="pgtrigger_requests_die_with_it_443bb",
                    table="orgs_team",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="given_permission",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="auth.permission",
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="access_requests",
                to="orgs.membership",
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="permission",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="auth.permission",
            ),
        ),
        migrations.AddField(
            model_name="endannouncement",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
            ),
        ),
        migrations.AddField(
            model_name="endannouncement",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="viewas",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.membership"
            ),
        ),
        migrations.AddField(
            model_name="viewas",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
            ),
        ),
        migrations.AddField(
            model_name="viewas",
            name="viewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["organization", "asked_at"],
                name="orgs_access_request_open",
            ),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(fields=["scope", "object_id"], name="orgs_access_request_object"),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("membership", "scope", "object_id", "object_name", "action", "permission"),
                name="orgs_access_request_asked_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("action", ""), ("permission__isnull", False)),
                    models.Q(("action__gt", ""), ("permission", None)),
                    _connector="OR",
                ),
                name="orgs_access_request_role_or_action",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("object_id__isnull", False), ("scope", "profile"), _connector="OR"),
                name="orgs_access_request_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_at", None),
                    models.Q(("expires_at__gt", models.F("asked_at")), ("scope", "profile")),
                    _connector="OR",
                ),
                name="orgs_access_request_window",
            ),
        ),
        migrations.AddIndex(
            model_name="endannouncement",
            index=models.Index(
                condition=models.Q(("sent_at", None)),
                fields=["organization", "recipient"],
                name="orgs_end_announcement_unsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="endannouncement",
            constraint=models.UniqueConstraint(
                fields=("recipient", "kind", "row", "ends_at", "days_before"), name="orgs_end_announced_once"
            ),
        ),
        migrations.AddIndex(
            model_name="viewas",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["expires_at"], name="orgs_view_as_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="viewas",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("started_at"))), name="orgs_view_as_window"
            ),
        ),
        *protect("orgs_accessrequest", "orgs_endannouncement", "orgs_viewas"),
    ]
