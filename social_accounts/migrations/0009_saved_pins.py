from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("social_accounts", "0008_boards"),
    ]

    operations = [
        migrations.AddField(
            model_name="boardchange",
            name="pin_remote_id",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="boardchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create", "Create the board"),
                    ("update", "Change the board"),
                    ("delete", "Delete the board"),
                    ("merge", "Merge the board"),
                    ("create_section", "Create the section"),
                    ("rename_section", "Rename the section"),
                    ("delete_section", "Delete the section"),
                    ("save_pin", "Save the Pin to another board"),
                ],
                max_length=16,
            ),
        ),
    ]
