"""The Django application of runs and answers."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "quarterdeck.runs"
    label = "runs"
