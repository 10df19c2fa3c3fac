"""The eighteen steps to here as one, for a database that begins. Each model comes after those that it names."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import publishing.models.posts
import uuid
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    replaces = [
        ("publishing", "0001_initial"),
        ("publishing", "0002_initial"),
        ("publishing", "0003_row_level_security"),
        ("publishing", "0004_rate_limits"),
        ("publishing", "0005_attempts_at_work"),
        ("publishing", "0006_one_post_per_form"),
        ("publishing", "0007_uploads_ahead_of_the_post"),
        ("publishing", "0008_outsiders_and_comments"),
        ("publishing", "0009_videos_crops_and_open_composers"),
        ("publishing", "0010_organizing_and_versions"),
        ("publishing", "0011_approval_workflows"),
        ("publishing", "0012_follow_ups"),
        ("publishing", "0013_calendars_that_are_shared"),
        ("publishing", "0014_queues_and_repetitions"),
        ("publishing", "0015_published_lately"),
        ("publishing", "0016_workflows_of_campaigns"),
        ("publishing", "0017_posts_from_files"),
        ("publishing", "0018_late_posts_and_outages"),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("orgs", "0005_requests_endings_and_view_as"),
        ("permissions", "0006_people_who_may"),
        ("social_accounts", "0011_when_a_connection_ends"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApplicationRateLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network", models.CharField(max_length=20)),
                ("server", models.CharField(blank=True, max_length=255)),
                ("until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "server"), name="publishing_application_limit_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomField",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("yes_no", "Yes or no"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list)),
                ("is_required", models.BooleanField(default=False, verbose_name="required")),
                (
                    "created_by",
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
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="publishing_customfield_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliverySettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hold_after_minutes", models.PositiveIntegerField(blank=True, default=120, null=True)),
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DraftCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
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
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="publishing_draftcategory_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HashtagList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("hashtags", models.JSONField(default=list)),
                (
                    "created_by",
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
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="publishing_hashtaglist_name_once",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
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
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "color",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Blue"),
                            (2, "Teal"),
                            (3, "Orange"),
                            (4, "Purple"),
                            (5, "Pink"),
                            (6, "Gray"),
                            (7, "Green"),
                            (8, "Sky"),
                        ],
                        default=1,
                        verbose_name="color",
                    ),
                ),
                (
                    "created_by",
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
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="publishing_label_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outsider",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("language", models.CharField(default="en", max_length=12)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("email"),
                        name="publishing_outsider_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PostImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("filename", models.CharField(max_length=200)),
                ("headers", models.JSONField(default=list)),
                ("layout", models.JSONField(default=list)),
                ("delimiter", models.CharField(default=",", max_length=1)),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("schedule", "Schedule"),
                            ("approve", "Send for approval"),
                            ("queue", "Add to queue"),
                            ("draft", "Save as draft"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "date_order",
                    models.CharField(
                        choices=[("day", "Day first: 24/12/2026"), ("month", "Month first: 12/24/2026")],
                        max_length=5,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("checking", "Being checked"),
                            ("ready", "Checked"),
                            ("making", "Being imported"),
                            ("done", "Imported"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="checking",
                        max_length=10,
                    ),
                ),
                ("choices", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("worked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
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
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("stage__in", ["checking", "making", "undoing"])),
                        fields=["worked_at"],
                        name="publishing_import_at_work",
                    ),
                    models.Index(fields=["organization", "-created_at"], name="publishing_import_latest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileRateLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "profile",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PublishingPause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paused_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "paused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="QueuePause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paused_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "paused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "profile",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queue_pause",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="QueueSlot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField()),
                ("minute", models.PositiveSmallIntegerField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queue_slots",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
            options={
                "ordering": ["weekday", "minute"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("profile", "weekday", "minute"), name="publishing_slot_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minute__lt", 1440), ("weekday__lt", 7)),
                        name="publishing_slot_in_the_week",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("states", models.JSONField(default=list, verbose_name="states")),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("end_date", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
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
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("start_date", None),
                            ("end_date", None),
                            ("end_date__gte", models.F("start_date")),
                            _connector="OR",
                        ),
                        name="publishing_shared_calendar_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Workflow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("binds_publishers", models.BooleanField(db_default=False, default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None)),
                        fields=("organization", "name"),
                        name="publishing_workflow_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
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
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("organization", "created_by"),
                        name="publishing_one_feed_per_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("may_comment", models.BooleanField(default=False)),
                ("may_approve", models.BooleanField(default=False)),
                (
                    "created_by",
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
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="publishing.sharedcalendar",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("may_approve", False), ("outsider__isnull", False), _connector="OR"
                        ),
                        name="publishing_calendar_link_of_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("description", models.CharField(blank=True, max_length=500, verbose_name="description")),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("end_date", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("utm_source", models.CharField(blank=True, max_length=100)),
                ("utm_medium", models.CharField(blank=True, max_length=100)),
                ("utm_campaign", models.CharField(blank=True, max_length=100)),
                ("utm_content", models.CharField(blank=True, max_length=100)),
                (
                    "created_by",
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
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="orgs.workspace",
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="campaigns",
                        to="publishing.workflow",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="publishing_campaign_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("start_date", None),
                            ("end_date", None),
                            ("end_date__gte", models.F("start_date")),
                            _connector="OR",
                        ),
                        name="publishing_campaign_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social_accounts.socialprofile",
                    ),
                ),
                (
                    "post_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile_links",
                        to="publishing.postimport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("post_import", "profile"), name="publishing_import_profile_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedLabel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="label_links",
                        to="publishing.sharedcalendar",
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="publishing.label"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("calendar", "label"), name="publishing_shared_label_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile_links",
                        to="publishing.sharedcalendar",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("calendar", "profile"), name="publishing_shared_profile_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkflowProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "profile",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="workflow_link",
                        to="social_accounts.socialprofile",
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile_links",
                        to="publishing.workflow",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WorkflowStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "rule",
                    models.CharField(
                        choices=[("any", "One of them approves"), ("all", "All of them approve")],
                        default="any",
                        max_length=3,
                    ),
                ),
                ("answer_within_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("remind_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("escalate_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "escalate_to",
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
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="publishing.workflow",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workflow", "position"), name="publishing_workflow_step_order"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("network_texts", models.JSONField(blank=True, default=dict)),
                ("network_options", models.JSONField(blank=True, default=dict)),
                ("link_card", models.JSONField(blank=True, null=True)),
                ("tracking", models.JSONField(blank=True, null=True)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("internal_note", models.CharField(blank=True, max_length=500, verbose_name="internal note")),
                ("campaign_tracking", models.JSONField(blank=True, null=True)),
                ("draft_status", models.CharField(blank=True, db_default="", default="", max_length=10)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "submission",
                    models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to="publishing.campaign",
                    ),
                ),
                (
                    "draft_category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to="publishing.draftcategory",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="orgs.workspace"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "-updated_at"], name="publishing__organiz_959d64_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("submission", ""), _negated=True),
                        fields=("organization", "author", "submission"),
                        name="publishing_post_once_per_form",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StepReviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="permissions.role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.team",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviewers",
                        to="publishing.workflowstep",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outsider__isnull", True),
                                ("person__isnull", False),
                                ("role__isnull", True),
                                ("team__isnull", True),
                            ),
                            models.Q(
                                ("outsider__isnull", True),
                                ("person__isnull", True),
                                ("role__isnull", True),
                                ("team__isnull", False),
                            ),
                            models.Q(
                                ("outsider__isnull", True),
                                ("person__isnull", True),
                                ("role__isnull", False),
                                ("team__isnull", True),
                            ),
                            models.Q(
                                ("outsider__isnull", False),
                                ("person__isnull", True),
                                ("role__isnull", True),
                                ("team__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="publishing_step_reviewer_is_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "thread",
                    models.CharField(
                        choices=[("internal", "Team"), ("external", "With people outside")],
                        default="internal",
                        max_length=8,
                    ),
                ),
                ("author_name", models.CharField(max_length=150)),
                ("is_from_outside", models.BooleanField(default=False)),
                ("text", models.TextField(max_length=2000, verbose_name="comment")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
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
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="publishing.post",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["post", "thread", "created_at"], name="publishing__post_id_44fa15_idx"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_from_outside", False), ("outsider", None)),
                            models.Q(("author", None), ("is_from_outside", True), ("thread", "external")),
                            _connector="OR",
                        ),
                        name="publishing_comment_from_outside",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=500)),
                (
                    "field",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="publishing.customfield",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="custom_values",
                        to="publishing.post",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["field", "value"], name="publishing__field_i_e6dd76_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("post", "field"), name="publishing_value_once_per_field")
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("cells", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "Not checked yet"),
                            ("good", "Good"),
                            ("bad", "Has a problem"),
                            ("made", "Imported"),
                            ("failed", "Not imported"),
                            ("undone", "Undone"),
                            ("kept", "Kept"),
                        ],
                        default="new",
                        max_length=6,
                    ),
                ),
                ("problems", models.JSONField(default=list)),
                ("warnings", models.JSONField(default=list)),
                ("same_as", models.PositiveIntegerField(blank=True, null=True)),
                ("signatures", models.JSONField(default=list)),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("schedule", "Schedule"),
                            ("approve", "Send for approval"),
                            ("queue", "Add to queue"),
                            ("draft", "Save as draft"),
                        ],
                        max_length=10,
                    ),
                ),
                ("asks_approval", models.BooleanField(default=False)),
                ("profile_ids", models.JSONField(default=list)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("made_as", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.post",
                    ),
                ),
                (
                    "post_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="publishing.postimport",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["post_import", "state", "number"], name="publishing_import_row_state"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("post_import", "number"), name="publishing_import_row_once"
                    ),
                    models.UniqueConstraint(fields=("post",), name="publishing_import_row_of_post"),
                ],
            },
        ),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
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
            name="PostLabel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="post_labels",
                        to="publishing.label",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="post_labels",
                        to="publishing.post",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("post", "label"), name="publishing_label_once_per_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostMedia",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to=publishing.models.posts.media_path)),
                ("filename", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=60)),
                ("size_bytes", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("seconds", models.FloatField(blank=True, null=True)),
                ("frames_per_second", models.FloatField(blank=True, null=True)),
                ("codecs", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("crop", models.JSONField(blank=True, null=True)),
                ("digest", models.CharField(max_length=64)),
                ("alt_text", models.CharField(blank=True, max_length=1500, verbose_name="alternative text")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kept_for",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_media",
                        to="publishing.post",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="crops",
                        to="publishing.postmedia",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media",
                        to="publishing.post",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PostVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("saved_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("restored_from", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="publishing.post",
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("post", "number"), name="publishing_version_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("waiting", "Waiting for approval"),
                            ("scheduled", "Scheduled"),
                            ("publishing", "Publishing"),
                            ("processing", "Processing at the network"),
                            ("published", "Published"),
                            ("rejected", "Refused by the network"),
                            ("declined", "Not approved"),
                            ("held", "Held"),
                            ("unconfirmed", "Unconfirmed"),
                            ("canceled", "Canceled"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "hold_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right_lost", "Whoever vouched for it may no longer publish here."),
                            ("changed", "The content changed after it was approved."),
                            ("reconnect", "The profile must be reconnected."),
                            ("late", "Its time passed before it was approved."),
                            ("too_late", "It could not go out in time, and is too late now."),
                        ],
                        max_length=12,
                    ),
                ),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("first_sent_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("sealed_digest", models.CharField(blank=True, max_length=64)),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("attempt_count", models.PositiveIntegerField(default=0)),
                ("read_back_count", models.PositiveSmallIntegerField(default=0)),
                ("poll_token", models.TextField(blank=True)),
                ("preparation", models.JSONField(blank=True, default=dict)),
                ("remote_id", models.CharField(blank=True, max_length=500)),
                ("permalink", models.URLField(blank=True, max_length=1000)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("gone_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publications",
                        to="publishing.post",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="publications",
                        to="social_accounts.socialprofile",
                    ),
                ),
                (
                    "vouched_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "scheduled")), fields=["due_at"], name="publishing_due"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["processing", "unconfirmed"])),
                        fields=["not_before"],
                        name="publishing_to_ask_again",
                    ),
                    models.Index(
                        condition=models.Q(("state", "publishing")),
                        fields=["claimed_at"],
                        name="publishing_claimed",
                    ),
                    models.Index(
                        condition=models.Q(("state", "published")),
                        fields=["published_at"],
                        name="publishing_published_at",
                    ),
                    models.Index(fields=["organization", "due_at"], name="publishing__organiz_a9b2e6_idx"),
                    models.Index(fields=["profile", "state"], name="publishing__profile_fd8719_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("post", "profile"), name="publishing_once_per_profile"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["scheduled", "publishing"]), _negated=True),
                            ("due_at__isnull", False),
                            _connector="OR",
                        ),
                        name="publishing_scheduled_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="publishing_published_when",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("remote_id", ""), _negated=True),
                        fields=("profile", "remote_id"),
                        name="publishing_remote_post_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Repetition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("queue", "Through the queue"),
                            ("daily", "Every few days"),
                            ("weekly", "Every few weeks"),
                            ("monthly", "Every few months"),
                        ],
                        max_length=10,
                    ),
                ),
                ("every", models.PositiveSmallIntegerField()),
                ("first_on", models.DateField(blank=True, null=True)),
                ("minute", models.PositiveSmallIntegerField(default=0)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("times_max", models.PositiveSmallIntegerField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("made", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_because", models.CharField(blank=True, max_length=500)),
                (
                    "created_by",
                    models.ForeignKey(
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
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="repetitions",
                        to="publishing.post",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["created_at"],
                        name="publishing_repetitions",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("post",),
                        name="publishing_one_repetition_of_a_post",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("every__gt", 0)), name="publishing_repetition_moves_on"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rhythm", "queue"), ("first_on__isnull", False), _connector="OR"),
                        name="publishing_repetition_counts_from",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("content_digest", models.CharField(max_length=64)),
                ("sealed", models.JSONField(blank=True, default=dict)),
                ("seal", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "writers",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "Approved"),
                            ("declined", "Not approved"),
                            ("void", "Void: the content changed"),
                            ("missed", "Its time passed without an answer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_forced", models.BooleanField(db_default=False, default=False)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("answer_note", models.CharField(blank=True, max_length=500)),
                (
                    "answered_by",
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
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="publishing.publication",
                    ),
                ),
                (
                    "campaign_workflow",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.workflow",
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="approvals",
                        to="publishing.workflow",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")),
                        fields=("publication",),
                        name="publishing_one_open_approval",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_forced", False),
                            models.Q(("answer_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="publishing_forced_for_a_reason",
                    ),
                ],
            },
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
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "unconfirmed"])),
                        fields=["not_before"],
                        name="publishing_follow_ups_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "comment")),
                        fields=("publication",),
                        name="publishing_one_first_comment",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["pending", "sending", "unconfirmed"])),
                        fields=("publication", "kind"),
                        name="publishing_one_open_follow_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            ("done_at__isnull", False),
                            _connector="OR",
                        ),
                        name="publishing_follow_up_done_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "unconfirmed"), _negated=True),
                            ("kind", "comment"),
                            _connector="OR",
                        ),
                        name="publishing_only_comments_unconfirmed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(choices=[("picture", "Picture"), ("link", "Link")], max_length=7)),
                ("address", models.CharField(max_length=1000)),
                ("fetched_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("description", models.CharField(blank=True, max_length=1000)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="publishing.postimport",
                    ),
                ),
                (
                    "media",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.postmedia",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("post_import", "kind", "address"), name="publishing_import_address_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="publishing.comment",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("seen_at", None)),
                        fields=["person"],
                        name="publishing_mentions_unseen",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "person"), name="publishing_mention_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Occurrence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("due_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "post",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="occurrence",
                        to="publishing.post",
                    ),
                ),
                (
                    "repetition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="occurrences",
                        to="publishing.repetition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("repetition", "number"), name="publishing_occurrence_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublishAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(default="publish", max_length=10)),
                ("started_at", models.DateTimeField()),
                ("step_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("sending", "Sending"),
                            ("published", "Published"),
                            ("processing", "Taken, still processing"),
                            ("prepared", "Uploaded"),
                            ("rejected", "Refused"),
                            ("rate_limited", "Told to wait"),
                            ("reconnect", "Reconnecting needed"),
                            ("not_sent", "Not sent"),
                            ("unknown", "No answer"),
                            ("unreachable", "Network not reachable"),
                            ("not_found", "Looked for, not found"),
                        ],
                        default="sending",
                        max_length=12,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("content_digest", models.CharField(max_length=64)),
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
                        related_name="attempts",
                        to="publishing.publication",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "sending")),
                        fields=["started_at"],
                        name="publishing_attempts_at_work",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("publication", "number"), name="publishing_attempt_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slot_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queue_entry",
                        to="publishing.publication",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "rule",
                    models.CharField(
                        choices=[("any", "One of them approves"), ("all", "All of them approve")],
                        default="any",
                        max_length=3,
                    ),
                ),
                ("answer_within_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("remind_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("escalate_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("answer_by", models.DateTimeField(blank=True, null=True)),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("escalate_at", models.DateTimeField(blank=True, null=True)),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="publishing.approval",
                    ),
                ),
                (
                    "escalate_to",
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
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None), ("reminded_at", None)),
                        fields=["remind_at"],
                        name="publishing_steps_to_remind",
                    ),
                    models.Index(
                        condition=models.Q(("escalated_at", None), ("finished_at", None)),
                        fields=["escalate_at"],
                        name="publishing_steps_to_escalate",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("approval", "position"), name="publishing_approval_step_order"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at", None), ("opened_at__isnull", False)),
                        fields=("approval",),
                        name="publishing_one_open_step",
                    ),
                ],
            },
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
                            ("unreachable", "Network not reachable"),
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
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "sending")),
                        fields=["started_at"],
                        name="publishing_follow_ups_at_work",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("follow_up", "number"), name="publishing_follow_up_attempt_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("is_approved", models.BooleanField()),
                ("is_forced", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("answered_at", models.DateTimeField()),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="publishing.approval",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="publishing.approvalstep",
                    ),
                ),
                (
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "approval"], name="publishing_answers_of_person")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("approval", "step", "person"), name="publishing_answers_once"
                    ),
                    models.UniqueConstraint(
                        fields=("step", "outsider"), name="publishing_outsider_answers_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
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
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="publishing.approvalstep",
                    ),
                ),
                (
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApprovalReviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_escalation", models.BooleanField(default=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="permissions.role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.team",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviewers",
                        to="publishing.approvalstep",
                    ),
                ),
                (
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outsider__isnull", True),
                                ("person__isnull", False),
                                ("role__isnull", True),
                                ("team__isnull", True),
                            ),
                            models.Q(
                                ("outsider__isnull", True),
                                ("person__isnull", True),
                                ("role__isnull", True),
                                ("team__isnull", False),
                            ),
                            models.Q(
                                ("outsider__isnull", True),
                                ("person__isnull", True),
                                ("role__isnull", False),
                                ("team__isnull", True),
                            ),
                            models.Q(
                                ("outsider__isnull", False),
                                ("person__isnull", True),
                                ("role__isnull", True),
                                ("team__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="publishing_approval_reviewer_is_one",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="Post",
            name="labels",
            field=models.ManyToManyField(
                related_name="posts", through="publishing.PostLabel", to="publishing.label"
            ),
        ),
        *protect(
            "publishing_post",
            "publishing_postmedia",
            "publishing_publication",
            "publishing_publishattempt",
            "publishing_approval",
            "publishing_publishingpause",
            "publishing_profileratelimit",
            "publishing_outsider",
            "publishing_comment",
            "publishing_mention",
            "publishing_opencomposer",
            "publishing_incomingfile",
            "publishing_label",
            "publishing_postlabel",
            "publishing_campaign",
            "publishing_hashtaglist",
            "publishing_draftcategory",
            "publishing_customfield",
            "publishing_customvalue",
            "publishing_postversion",
            "publishing_workflow",
            "publishing_workflowprofile",
            "publishing_workflowstep",
            "publishing_stepreviewer",
            "publishing_approvalstep",
            "publishing_approvalreviewer",
            "publishing_approvalanswer",
            "publishing_approvallink",
            "publishing_followup",
            "publishing_followupattempt",
            "publishing_sharedcalendar",
            "publishing_sharedprofile",
            "publishing_sharedlabel",
            "publishing_calendarlink",
            "publishing_calendarfeed",
            "publishing_queueslot",
            "publishing_queuepause",
            "publishing_queueentry",
            "publishing_repetition",
            "publishing_occurrence",
            "publishing_postimport",
            "publishing_importprofile",
            "publishing_importrow",
            "publishing_importaddress",
            "publishing_deliverysettings",
        ),
    ]
