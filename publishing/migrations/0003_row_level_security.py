from __future__ import annotations

from django.db import migrations

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [("publishing", "0002_initial")]
    operations = protect(
        "publishing_post",
        "publishing_postmedia",
        "publishing_publication",
        "publishing_publishattempt",
        "publishing_approval",
        "publishing_publishingpause",
    )
