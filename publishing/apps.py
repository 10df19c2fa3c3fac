from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        from permissions.stranding import register_stranding
        from publishing.stranded import find_stranded_publications

        register_stranding("publications", find_stranded_publications)
