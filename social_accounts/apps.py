from django.apps import AppConfig


class SocialAccountsConfig(AppConfig):
    name = "social_accounts"

    def ready(self) -> None:
        from django.db.models import Q

        from permissions.catalogue import Scope
        from permissions.scopes import ScopeTables, register_scope
        from social_accounts import (
            checks,  # noqa: F401 - registers itself
            notices,
        )
        from social_accounts.models import (
            NETWORKS_WITHOUT_APPROVAL,
            ProfileAssignment,
            ProfileGroupGrant,
            ProfileUserGrant,
            SocialProfile,
        )

        register_scope(
            ScopeTables(
                scope=Scope.PROFILE,
                model=SocialProfile,
                user_grants=ProfileUserGrant,
                group_grants=ProfileGroupGrant,
                assignments=ProfileAssignment,
                with_approval=~Q(network__in=NETWORKS_WITHOUT_APPROVAL),
            )
        )
        notices.register()
