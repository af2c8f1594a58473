"""The Django application of the lake."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "quarterdeck.lake"
    label = "lake"

    def ready(self) -> None:
        from quarterdeck.lake import erasure  # noqa: F401, PLC0415 — its places are registered with the kernel
