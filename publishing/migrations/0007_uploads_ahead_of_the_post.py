from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0006_one_post_per_form"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="preparation",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="publishattempt",
            name="step_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="publishattempt",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("sending", "Sending"),
                    ("published", "Published"),
                    ("processing", "Taken, still processing"),
                    ("prepared", "Uploaded"),
                    ("rejected", "Refused"),
                    ("rate_limited", "Told to wait"),
                    ("reconnect", "Reconnecting needed"),
                    ("not_sent", "Not sent"),
                    ("unknown", "No answer"),
                    ("held", "Held"),
                    ("not_found", "Looked for, not found"),
                ],
                default="sending",
                max_length=12,
            ),
        ),
    ]
