import django.db.models.deletion
from django.db import migrations, models

from permissions.migrations_support import (
    MEMBERSHIP,
    ORGANIZATION,
    USERSET,
    bump_epochs,
    bump_epochs_of_staff,
    epoch_function,
)
from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_keys_and_support_staff"),
        ("orgs", "0005_requests_endings_and_view_as"),
        ("permissions", "0003_what_a_role_was_made_of"),
        ("social_accounts", "0006_requests_die_with_their_profile"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessEpoch",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="orgs.organization",
                    ),
                ),
                ("epoch", models.BigIntegerField()),
            ],
        ),
        *protect("permissions_accessepoch"),
        epoch_function(),
        *bump_epochs("orgs_membership", of=MEMBERSHIP),
        *bump_epochs("orgs_organization", of=ORGANIZATION, events=("update",)),
        *bump_epochs("accounts_user_groups", of=USERSET),
        *bump_epochs(
            "orgs_organizationusergrant",
            "orgs_partnership",
            "orgs_supportsession",
            "orgs_team",
            "orgs_teamusergrant",
            "orgs_workspaceaccess",
            "permissions_role",
            "social_accounts_profileassignment",
            "social_accounts_profilegroupgrant",
            "social_accounts_profileusergrant",
        ),
        bump_epochs_of_staff(),
    ]
