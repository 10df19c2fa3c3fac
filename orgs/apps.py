from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "orgs"

    def ready(self) -> None:
        from orgs import notices
        from orgs.models import (
            Organization,
            OrganizationUserGrant,
            Team,
            TeamUserGrant,
        )
        from orgs.selectors.standing import nearly_standing, partners_of, standings
        from orgs.services.role_uses import register_role_uses
        from permissions.catalogue import Scope
        from permissions.scopes import (
            ScopeTables,
            register_near_misses,
            register_partners,
            register_scope,
            register_standing,
        )

        register_scope(
            ScopeTables(scope=Scope.ORGANIZATION, model=Organization, user_grants=OrganizationUserGrant)
        )
        register_scope(ScopeTables(scope=Scope.TEAM, model=Team, user_grants=TeamUserGrant))
        register_standing(standings)
        register_partners(partners_of)
        register_near_misses(nearly_standing)
        register_role_uses()
        notices.register()
