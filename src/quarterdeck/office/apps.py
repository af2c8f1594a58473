"""The Django application of the office."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "quarterdeck.office"
    label = "office"

    def ready(self) -> None:
        from quarterdeck.office import registry  # noqa: F401, PLC0415 — analyses and tasks are registered at start
