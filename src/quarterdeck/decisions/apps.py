"""The Django application of decisions."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "quarterdeck.decisions"
    label = "decisions"

    def ready(self) -> None:
        from quarterdeck.decisions import erasure, offers, sorts  # noqa: F401, PLC0415 — they register themselves at start
