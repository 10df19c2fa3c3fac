from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        from governance.usage import register_acts_on_profiles
        from permissions.stranding import register_stranding
        from publishing import notice_kinds
        from publishing.acts import profiles_of_posts, profiles_of_publications
        from publishing.stranded import find_stranded_publications

        register_stranding("publications", find_stranded_publications)
        register_acts_on_profiles("publishing.publication", profiles_of_publications)
        register_acts_on_profiles("publishing.post", profiles_of_posts)
        notice_kinds.register()
