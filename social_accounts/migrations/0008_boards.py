import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("social_accounts", "0007_several_accounts_of_one_consent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Board",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("remote_id", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=180, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "privacy",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("secret", "Secret"),
                            ("protected", "For advertisements"),
                        ],
                        max_length=10,
                    ),
                ),
                ("owner", models.CharField(blank=True, max_length=255)),
                ("is_own", models.BooleanField(default=True)),
                ("cover_url", models.URLField(blank=True, max_length=1000)),
                ("pin_count", models.PositiveIntegerField(null=True)),
                ("follower_count", models.PositiveIntegerField(null=True)),
                ("collaborator_count", models.PositiveIntegerField(null=True)),
                ("sections_read_at", models.DateTimeField(null=True)),
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
                        related_name="boards",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BoardChange",
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
                        choices=[
                            ("create", "Create the board"),
                            ("update", "Change the board"),
                            ("delete", "Delete the board"),
                            ("merge", "Merge the board"),
                            ("create_section", "Create the section"),
                            ("rename_section", "Rename the section"),
                            ("delete_section", "Delete the section"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("under_way", "Under way"),
                            ("done", "Done"),
                            ("refused", "Not done"),
                            ("unclear", "No clear answer"),
                        ],
                        default="under_way",
                        max_length=10,
                    ),
                ),
                ("board_remote_id", models.CharField(blank=True, max_length=40)),
                ("section_remote_id", models.CharField(blank=True, max_length=40)),
                ("target_remote_id", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=180)),
                ("description", models.TextField(blank=True)),
                ("is_secret", models.BooleanField(default=False)),
                ("moved_count", models.PositiveIntegerField(default=0)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField()),
                ("touched_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="board_changes",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BoardReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("detail", models.CharField(blank=True, max_length=300)),
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
                        related_name="board_reading",
                        to="social_accounts.socialprofile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BoardSection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("remote_id", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=180, verbose_name="name")),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="social_accounts.board",
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
        migrations.AddConstraint(
            model_name="board",
            constraint=models.UniqueConstraint(
                fields=("profile", "remote_id"), name="social_accounts_board_once"
            ),
        ),
        migrations.AddIndex(
            model_name="boardchange",
            index=models.Index(
                condition=models.Q(("state__in", ["under_way", "unclear"])),
                fields=["profile"],
                name="social_accounts_board_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="boardsection",
            constraint=models.UniqueConstraint(
                fields=("board", "remote_id"), name="social_accounts_board_section_once"
            ),
        ),
        *protect(
            "social_accounts_boardreading",
            "social_accounts_board",
            "social_accounts_boardsection",
            "social_accounts_boardchange",
        ),
    ]
