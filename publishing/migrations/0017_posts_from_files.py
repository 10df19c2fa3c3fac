import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("publishing", "0016_workflows_of_campaigns"),
        ("social_accounts", "0009_saved_pins"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    "media",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.postmedia",
                    ),
                ),
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
            ],
        ),
        migrations.AddIndex(
            model_name="postimport",
            index=models.Index(
                condition=models.Q(("stage__in", ["checking", "making", "undoing"])),
                fields=["worked_at"],
                name="publishing_import_at_work",
            ),
        ),
        migrations.AddIndex(
            model_name="postimport",
            index=models.Index(fields=["organization", "-created_at"], name="publishing_import_latest"),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(fields=["post_import", "state", "number"], name="publishing_import_row_state"),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(
                fields=("post_import", "number"), name="publishing_import_row_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("post",), name="publishing_import_row_of_post"),
        ),
        migrations.AddConstraint(
            model_name="importprofile",
            constraint=models.UniqueConstraint(
                fields=("post_import", "profile"), name="publishing_import_profile_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="importaddress",
            constraint=models.UniqueConstraint(
                fields=("post_import", "kind", "address"), name="publishing_import_address_once"
            ),
        ),
        *protect(
            "publishing_postimport",
            "publishing_importprofile",
            "publishing_importrow",
            "publishing_importaddress",
        ),
    ]
