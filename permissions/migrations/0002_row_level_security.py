from __future__ import annotations

from django.db import migrations

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [("permissions", "0001_initial")]
    operations = protect(
        "permissions_role",
        shared_rows=True,
    )
