import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("social_accounts", "0006_requests_die_with_their_profile"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assertion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("no_partner_may", "No partner may do something"),
                            ("at_least", "At least so many people may do something"),
                            ("not_both", "Nobody may do both of two things"),
                            ("only", "Only these may do something"),
                            ("second_factor", "Whoever may do something has a second factor"),
                            ("partner_grants_end", "Whatever a partner is given has an end"),
                            ("grants_at_most", "No role is given for longer than so many days"),
                        ],
                        max_length=20,
                    ),
                ),
                ("action", models.CharField(blank=True, max_length=100)),
                ("other_action", models.CharField(blank=True, max_length=100)),
                ("number", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "where",
                    models.CharField(
                        choices=[
                            ("anywhere", "Every profile"),
                            ("workspaces", "The profiles of these workspaces"),
                            ("profiles", "These profiles"),
                        ],
                        default="anywhere",
                        max_length=10,
                    ),
                ),
                (
                    "workspace_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "profile_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "people_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "role_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField()),
                ("look_again_at", models.DateTimeField(blank=True, null=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AssertionBreak",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("partner", models.CharField(blank=True, max_length=80)),
                ("amount", models.IntegerField(default=0)),
                ("found_at", models.DateTimeField()),
                (
                    "assertion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="breaks",
                        to="governance.assertion",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="social_accounts.socialprofile",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("profile", "A profile"),
                            ("team", "A team"),
                            ("partner", "A partner"),
                            ("organization", "The whole organization"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject", models.CharField(max_length=160)),
                ("opened_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                ("report", models.TextField(blank=True, editable=False)),
                ("report_digest", models.CharField(blank=True, max_length=64)),
                ("event_sequence", models.BigIntegerField(null=True)),
                ("event_digest", models.CharField(blank=True, max_length=64)),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="orgs.partnership",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="social_accounts.socialprofile",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="orgs.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviewers",
                        to="governance.review",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReviewLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("direct", "Given directly"),
                            ("team", "Through a team"),
                            ("organization", "With the organization role"),
                            ("partner", "Shared with a partner"),
                            ("place", "Place in the team"),
                            ("link", "Profile of the team"),
                        ],
                        max_length=12,
                    ),
                ),
                ("who", models.CharField(max_length=160)),
                ("what", models.CharField(max_length=160)),
                ("through", models.CharField(blank=True, max_length=160)),
                ("people", models.CharField(blank=True, max_length=500)),
                ("grant_id", models.BigIntegerField()),
                ("profile_id_of_grant", models.BigIntegerField(null=True)),
                ("permission_id_of_grant", models.BigIntegerField()),
                ("role", models.CharField(max_length=120)),
                ("starts_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("granted_by", models.CharField(blank=True, max_length=160)),
                ("granted_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("is_unused", models.BooleanField(default=False)),
                ("may_reduce", models.BooleanField(default=True)),
                ("may_remove", models.BooleanField(default=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "Keep"), ("reduce", "Reduce"), ("remove", "Remove")],
                        max_length=6,
                    ),
                ),
                ("new_permission_id", models.BigIntegerField(null=True)),
                ("new_role", models.CharField(blank=True, max_length=120)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("decided_at", models.DateTimeField(null=True)),
                ("is_gone", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="governance.review",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="assertion",
            index=models.Index(fields=["look_again_at"], name="governance__look_ag_a3fb7f_idx"),
        ),
        migrations.AddConstraint(
            model_name="assertion",
            constraint=models.UniqueConstraint(fields=("organization", "name"), name="governance_rule_name"),
        ),
        migrations.AddConstraint(
            model_name="assertionbreak",
            constraint=models.UniqueConstraint(fields=("assertion", "key"), name="governance_break_once"),
        ),
        migrations.AddConstraint(
            model_name="assertionbreak",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__gt", "")), name="governance_break_has_a_key"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                fields=["organization", "signed_at", "due_on"], name="governance__organiz_4ef756_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("report", ""), ("signed_at", None)),
                    models.Q(("report__gt", ""), ("signed_at__isnull", False)),
                    _connector="OR",
                ),
                name="governance_signed_with_report",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewer",
            constraint=models.UniqueConstraint(fields=("review", "user"), name="governance_reviewer_once"),
        ),
        migrations.AddConstraint(
            model_name="reviewline",
            constraint=models.UniqueConstraint(
                fields=("review", "position"), name="governance_line_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", "reduce"), _negated=True),
                    ("new_permission_id__isnull", False),
                    _connector="OR",
                ),
                name="governance_reduced_to_something",
            ),
        ),
        *protect(
            "governance_assertion",
            "governance_assertionbreak",
            "governance_review",
            "governance_reviewer",
            "governance_reviewline",
        ),
    ]
