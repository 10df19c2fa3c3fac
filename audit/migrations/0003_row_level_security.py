from __future__ import annotations

from django.db import migrations

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]
    operations = protect(
        "audit_auditevent",
        "audit_audithead",
    )
