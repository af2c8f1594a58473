"""The Django application of runs and answers."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "quarterdeck.runs"
    label = "runs"

    def ready(self) -> None:
        from quarterdeck.runs import erasure  # noqa: F401, PLC0415 — its places are registered with the kernel
