from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added, authenticator_removed

        from governance import notices
        from governance.keeping import KeepsAssertions
        from governance.services.looking_again import look_again_at_second_factors
        from permissions.changes import register_check

        register_check(KeepsAssertions())
        for signal in (authenticator_added, authenticator_removed):
            signal.connect(look_again_at_second_factors, dispatch_uid=f"governance {id(signal)}")
        notices.register()
