from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0003_never_without_owner"),
        ("publishing", "0008_outsiders_and_comments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("post", "tracking", models.JSONField(blank=True, null=True)),
        migrations.AddField(
            "post",
            "updated_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("postmedia", "seconds", models.FloatField(blank=True, null=True)),
        migrations.AddField("postmedia", "frames_per_second", models.FloatField(blank=True, null=True)),
        migrations.AddField(
            "postmedia",
            "codecs",
            # With a default in the database, so that code from before the upgrade still takes pictures in.
            models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            "postmedia",
            "original",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="crops",
                to="publishing.postmedia",
            ),
        ),
        migrations.AddField("postmedia", "crop", models.JSONField(blank=True, null=True)),
        migrations.CreateModel(
            name="OpenComposer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=32)),
                ("version", models.PositiveIntegerField(default=0)),
                ("fields", models.JSONField(blank=True, default=dict)),
                ("typed_at", models.DateTimeField(blank=True, null=True)),
                ("seen_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_in",
                        to="publishing.post",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["post", "seen_at"], name="publishing_open_composer_seen")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "person", "key"), name="publishing_open_composer_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomingFile",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("filename", models.CharField(max_length=200)),
                ("size_bytes", models.PositiveIntegerField()),
                ("received_bytes", models.PositiveIntegerField(default=0)),
                ("parts", models.JSONField(blank=True, default=list)),
                ("begun_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "begun_at"], name="publishing_incoming_begun")],
            },
        ),
        *protect("publishing_opencomposer", "publishing_incomingfile"),
    ]
