from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("social_accounts", "0003_when_to_check"),
    ]

    operations = [
        migrations.AddField(
            model_name="socialprofile",
            name="limits",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
