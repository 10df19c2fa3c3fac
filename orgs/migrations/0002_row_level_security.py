from __future__ import annotations

from django.db import migrations

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [("orgs", "0001_initial")]
    operations = protect(
        "orgs_workspace",
        "orgs_membership",
        "orgs_workspaceaccess",
        "orgs_team",
        "orgs_organizationusergrant",
        "orgs_teamusergrant",
        "orgs_invitation",
        "orgs_ownershiptransfer",
    )
