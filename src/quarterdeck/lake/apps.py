"""The Django application of the lake."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    name = "quarterdeck.lake"
    label = "lake"
