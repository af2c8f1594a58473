"""The Django application of the shared kinds."""

from django.apps import AppConfig


class EstateConfig(AppConfig):
    name = "quarterdeck.estate"
    label = "estate"

    def ready(self) -> None:
        from quarterdeck.estate import roles  # noqa: F401, PLC0415 — the table of roles is registered at start
