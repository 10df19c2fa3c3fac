from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PermissionsConfig(AppConfig):
    name = "permissions"

    def ready(self) -> None:
        from permissions.roles import install_builtin_roles

        post_migrate.connect(install_builtin_roles, sender=self, dispatch_uid="install_builtin_roles")
