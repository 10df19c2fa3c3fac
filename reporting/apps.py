from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"

    def ready(self) -> None:
        from publishing.numbers import register_numbers
        from reporting.selectors import numbers_of

        register_numbers(numbers_of)
