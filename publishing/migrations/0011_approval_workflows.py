import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("permissions", "0006_people_who_may"),
        ("publishing", "0010_organizing_and_versions"),
        ("social_accounts", "0007_several_accounts_of_one_consent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkflowProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WorkflowStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "rule",
                    models.CharField(
                        choices=[("any", "One of them approves"), ("all", "All of them approve")],
                        default="any",
                        max_length=3,
                    ),
                ),
                ("answer_within_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("remind_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("escalate_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="approval",
            name="is_forced",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="approval",
            name="seal",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="approval",
            name="sealed",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name="approval",
            name="answer",
            field=models.CharField(
                blank=True,
                choices=[
                    ("approved", "Approved"),
                    ("declined", "Not approved"),
                    ("void", "Void: the content changed"),
                    ("missed", "Its time passed without an answer"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "rule",
                    models.CharField(
                        choices=[("any", "One of them approves"), ("all", "All of them approve")],
                        default="any",
                        max_length=3,
                    ),
                ),
                ("answer_within_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("remind_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("escalate_after_hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("answer_by", models.DateTimeField(blank=True, null=True)),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("escalate_at", models.DateTimeField(blank=True, null=True)),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="publishing.approval",
                    ),
                ),
                (
                    "escalate_to",
                    models.ForeignKey(
                        blank=True,
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
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApprovalReviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_escalation", models.BooleanField(default=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="permissions.role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.team",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviewers",
                        to="publishing.approvalstep",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApprovalLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
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
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="publishing.approvalstep",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApprovalAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("is_approved", models.BooleanField()),
                ("is_forced", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("answered_at", models.DateTimeField()),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="publishing.approval",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="publishing.approvalstep",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StepReviewer",
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
                    "outsider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.outsider",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="permissions.role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orgs.team",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Workflow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
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
        migrations.AddField(
            model_name="approval",
            name="workflow",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="approvals",
                to="publishing.workflow",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_forced", False), models.Q(("answer_note", ""), _negated=True), _connector="OR"
                ),
                name="publishing_forced_for_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="workflowprofile",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
            ),
        ),
        migrations.AddField(
            model_name="workflowprofile",
            name="profile",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="workflow_link",
                to="social_accounts.socialprofile",
            ),
        ),
        migrations.AddField(
            model_name="workflowprofile",
            name="workflow",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="profile_links",
                to="publishing.workflow",
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="escalate_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
            ),
        ),
        migrations.AddField(
            model_name="workflowstep",
            name="workflow",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="publishing.workflow"
            ),
        ),
        migrations.AddField(
            model_name="stepreviewer",
            name="step",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviewers",
                to="publishing.workflowstep",
            ),
        ),
        migrations.AddIndex(
            model_name="approvalstep",
            index=models.Index(
                condition=models.Q(("finished_at", None), ("reminded_at", None)),
                fields=["remind_at"],
                name="publishing_steps_to_remind",
            ),
        ),
        migrations.AddIndex(
            model_name="approvalstep",
            index=models.Index(
                condition=models.Q(("escalated_at", None), ("finished_at", None)),
                fields=["escalate_at"],
                name="publishing_steps_to_escalate",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalstep",
            constraint=models.UniqueConstraint(
                fields=("approval", "position"), name="publishing_approval_step_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalstep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at", None), ("opened_at__isnull", False)),
                fields=("approval",),
                name="publishing_one_open_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalreviewer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("outsider__isnull", True),
                        ("person__isnull", False),
                        ("role__isnull", True),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("outsider__isnull", True),
                        ("person__isnull", True),
                        ("role__isnull", True),
                        ("team__isnull", False),
                    ),
                    models.Q(
                        ("outsider__isnull", True),
                        ("person__isnull", True),
                        ("role__isnull", False),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("outsider__isnull", False),
                        ("person__isnull", True),
                        ("role__isnull", True),
                        ("team__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="publishing_approval_reviewer_is_one",
            ),
        ),
        migrations.AddIndex(
            model_name="approvalanswer",
            index=models.Index(fields=["person", "approval"], name="publishing_answers_of_person"),
        ),
        migrations.AddConstraint(
            model_name="approvalanswer",
            constraint=models.UniqueConstraint(
                fields=("approval", "step", "person"), name="publishing_answers_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalanswer",
            constraint=models.UniqueConstraint(
                fields=("step", "outsider"), name="publishing_outsider_answers_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="workflow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at", None)),
                fields=("organization", "name"),
                name="publishing_workflow_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="workflowstep",
            constraint=models.UniqueConstraint(
                fields=("workflow", "position"), name="publishing_workflow_step_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="stepreviewer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("outsider__isnull", True),
                        ("person__isnull", False),
                        ("role__isnull", True),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("outsider__isnull", True),
                        ("person__isnull", True),
                        ("role__isnull", True),
                        ("team__isnull", False),
                    ),
                    models.Q(
                        ("outsider__isnull", True),
                        ("person__isnull", True),
                        ("role__isnull", False),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("outsider__isnull", False),
                        ("person__isnull", True),
                        ("role__isnull", True),
                        ("team__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="publishing_step_reviewer_is_one",
            ),
        ),
        *protect(
            "publishing_workflow",
            "publishing_workflowprofile",
            "publishing_workflowstep",
            "publishing_stepreviewer",
            "publishing_approvalstep",
            "publishing_approvalreviewer",
            "publishing_approvalanswer",
            "publishing_approvallink",
        ),
    ]
