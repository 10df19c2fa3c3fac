from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from tenancy.migrations_support import protect


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("orgs", "0005_requests_endings_and_view_as"),
        ("publishing", "0014_queues_and_repetitions"),
    ]

    operations = [
        migrations.CreateModel(
            name="MetricPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=40)),
                ("slot", models.DateTimeField()),
                ("value", models.BigIntegerField(null=True)),
                ("measured_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="metric_points",
                        to="publishing.publication",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("publication", "metric", "slot"), name="reporting_point_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pull",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("next_at", models.DateTimeField()),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("failure_count", models.PositiveSmallIntegerField(default=0)),
                ("missing_count", models.PositiveSmallIntegerField(default=0)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.organization"
                    ),
                ),
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pull",
                        to="publishing.publication",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["next_at"],
                        name="reporting_pull_due",
                    )
                ],
            },
        ),
        *protect("reporting_metricpoint", "reporting_pull"),
    ]
