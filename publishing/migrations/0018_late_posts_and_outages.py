import django.db.models.deletion
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("publishing", "0017_posts_from_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="held_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="followupattempt",
            name="outcome",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="publication",
            name="hold_reason",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="publishattempt",
            name="outcome",
            field=models.CharField(
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
        *protect("publishing_deliverysettings"),
    ]
