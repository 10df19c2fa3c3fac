"""When a connection ends that nothing but a person can renew: LinkedIn gives most applications no refresh token."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("social_accounts", "0010_outages_and_pauses")]

    operations = [
        migrations.AddField(
            model_name="socialprofile",
            name="ends_at",
            field=models.DateTimeField(blank=True, null=True),
        )
    ]
