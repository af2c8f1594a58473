"""The Django application of the record kernel."""

from django.apps import AppConfig


class KindsConfig(AppConfig):
    name = "quarterdeck.kinds"
    label = "kinds"

    def ready(self) -> None:
        from quarterdeck.kinds import checks, connection  # noqa: F401, PLC0415 — they register themselves with Django
