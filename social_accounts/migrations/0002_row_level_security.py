from __future__ import annotations

from django.db import migrations

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [("social_accounts", "0001_initial")]
    operations = protect(
        "social_accounts_socialprofile",
        "social_accounts_profileusergrant",
        "social_accounts_profilegroupgrant",
        "social_accounts_credential",
        "social_accounts_connectionattempt",
    )
