"""The net and the wall: the application's filter and PostgreSQL's row-level security, each alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction
from django.utils import timezone

from audit.services import record_event
from orgs.models import Organization, Workspace
from publishing.models import Post, Publication
from social_accounts.models import SocialProfile
from tenancy.context import NoTenantOpen, organization_open, unscoped
from tenancy.models import TenantManager, TenantModel
from tests.cast import Acme, make_profile

# Tables of people and of the installation; everything else carries its organization.
NOT_OF_A_TENANT = {
    "orgs_organization",  # the tenant itself
    "social_accounts_networkapp",  # our registration at a server
    "publishing_applicationratelimit",  # a network limits our application, not one organization
    "social_accounts_serveroutage",  # a server that does not answer does so for everybody
    "accounts_user",
    "accounts_user_groups",
}


def tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def fill(organization: Organization) -> None:
    """Put a row of several kinds into an organization."""
    profile = make_profile(organization, f"{organization.slug}-more")
    with organization_open(organization.pk):
        workspace = Workspace.objects.get(slug="main")
        post = Post.objects.create(workspace=workspace, text=f"Secret of {organization.slug}")
        Publication.objects.create(post=post, profile=profile)
        record_event(actor=None, action="test", obj=post, at=timezone.now())


@pytest.fixture
def both(acme: Acme) -> Acme:
    fill(acme.organization)
    fill(acme.elsewhere)
    return acme


def test_application_role_owns_nothing_and_cannot_bypass(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("select count(*) from pg_tables where tableowner = current_user")
        assert cursor.fetchone() == (0,)


def test_every_table_with_an_organization_forces_row_level_security(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select c.relname from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
            where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
              and not (c.relrowsecurity and c.relforcerowsecurity)
            """
        )
        assert cursor.fetchall() == []


def test_every_table_of_ours_belongs_to_a_tenant_or_is_named_here() -> None:
    ours = {"accounts", "audit", "orgs", "permissions", "social_accounts", "governance", "publishing"}
    without = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours
        and "organization_id" not in {f.attname for f in model._meta.concrete_fields}
    }
    assert without == NOT_OF_A_TENANT & without
    assert all(isinstance(model.objects, TenantManager) for model in tenant_models())


def test_nothing_is_readable_while_no_tenant_is_open(both: Acme) -> None:
    for model in tenant_models():
        with pytest.raises(NoTenantOpen):
            model.objects.count()
        assert plain(model).count() == 0, f"{model.__name__} leaks without a tenant"


def test_wall_alone_shows_only_the_open_tenant(both: Acme) -> None:
    seen = 0
    for model in tenant_models():
        with organization_open(both.organization.pk):
            owners = set(plain(model).values_list("organization_id", flat=True))
        assert owners <= {both.organization.pk}, f"{model.__name__} leaks through the wall"
        seen += bool(owners)
    assert seen >= 10, "the test must look at tables that hold something"


def test_wall_refuses_a_row_for_another_tenant(both: Acme) -> None:
    with (
        organization_open(both.organization.pk),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Workspace.objects.create(organization=both.elsewhere, slug="stolen", name="Stolen")


def test_wall_hides_rows_from_updates_and_deletes(both: Acme) -> None:
    with organization_open(both.organization.pk):
        foreign = plain(SocialProfile).filter(organization=both.elsewhere)
        assert foreign.update(name="Taken") == 0
        assert foreign.delete()[0] == 0


def test_inner_tenant_gives_way_to_the_outer_one(both: Acme) -> None:
    with organization_open(both.organization.pk):
        with organization_open(both.elsewhere.pk):
            assert Post.objects.get().text == "Secret of elsewhere"
        assert Post.objects.get().text == "Secret of acme"
        assert plain(Post).count() == 1
    with unscoped():  # the test counts both
        assert Post.objects.count() == 2


def plain(model: type[models.Model]) -> models.QuerySet[models.Model]:
    """Return the rows with the application's filter off."""
    return models.QuerySet(model)


@pytest.fixture
def without_wall(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Switch this process to a superuser, whom row-level security does not bind."""
    parts = urlsplit(os.environ["CHORUS_TEST_ADMIN_URL"])
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"USER": parts.username, "PASSWORD": parts.password}
    yield
    connection.close()
    connection.settings_dict |= before


@pytest.mark.django_db(transaction=True)
def test_net_alone_shows_only_the_open_tenant(without_wall: None) -> None:
    from tests.cast import make_acme

    acme = make_acme()
    fill(acme.organization)
    fill(acme.elsewhere)
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (True,)
    assert plain(Post).count() == 2, "the wall must really be down"
    for model in tenant_models():
        with organization_open(acme.organization.pk):
            owners = set(model.objects.values_list("organization_id", flat=True))
        assert owners <= {acme.organization.pk}, f"{model.__name__} leaks through the net"


def test_settings_of_the_tests_use_the_wall() -> None:
    assert psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])["user"] == "chorus_app"
