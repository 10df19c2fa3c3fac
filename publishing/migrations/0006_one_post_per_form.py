from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0003_never_without_owner"),
        ("publishing", "0005_attempts_at_work"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="submission",
            # With a default in the database, so that code from before the upgrade still writes posts.
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=~models.Q(submission=""),
                fields=("organization", "author", "submission"),
                name="publishing_post_once_per_form",
            ),
        ),
    ]
