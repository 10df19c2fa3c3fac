import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("social_accounts", "0006_requests_die_with_their_profile"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="credential",
            name="grant",
            field=models.CharField(blank=True, db_index=True, max_length=255),
        ),
        migrations.CreateModel(
            name="ConnectionChoice",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("session_digest", models.CharField(max_length=64)),
                ("network", models.CharField(max_length=20)),
                ("server", models.CharField(max_length=255)),
                ("kept", models.TextField(editable=False)),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.workspace"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        *protect("social_accounts_connectionchoice"),
    ]
