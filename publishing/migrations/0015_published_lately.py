from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0014_queues_and_repetitions")]

    operations = [
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                fields=["published_at"],
                condition=models.Q(("state", "published")),
                name="publishing_published_at",
            ),
        ),
    ]
