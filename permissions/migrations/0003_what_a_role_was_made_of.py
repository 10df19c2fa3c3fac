import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("permissions", "0002_row_level_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="role",
            name="copied_from",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="role",
            name="description",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="role",
            name="edited_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="role",
            name="known_actions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100), blank=True, default=list, size=None
            ),
        ),
    ]
