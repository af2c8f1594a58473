"""The Django application of decisions."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "quarterdeck.decisions"
    label = "decisions"

    def ready(self) -> None:
        from quarterdeck.decisions import sorts  # noqa: F401, PLC0415 — the table of policies is registered at start
