import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("social_accounts", "0005_partners_grants_and_assignments"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="socialprofile",
            trigger=pgtrigger.compiler.Trigger(
                name="requests_die_with_it",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="delete from orgs_accessrequest where scope = 'profile' and object_id = old.id; return null;",
                    hash="53af12b60f184df51f89b58f4d4e6799840b552b",
                    operation="DELETE",
                    pgid="pgtrigger_requests_die_with_it_dc997",
                    table="social_accounts_socialprofile",
                    when="AFTER",
                ),
            ),
        ),
    ]
