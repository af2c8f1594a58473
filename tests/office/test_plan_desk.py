"""The desk computes nothing long itself: it asks a worker for what it could not show, once."""

import json
from pathlib import Path

import pytest
from decided_company import enter_all
from django.test import Client
from django.utils import timezone

from quarterdeck.kinds.models import User
from quarterdeck.kinds.users import give_roles
from quarterdeck.runs.models import Answer, Job, Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(tmp_path: Path, own_lake: None) -> Client:
    """The desk of the CTO of a company with an approved plan, where nothing of today was computed yet."""
    enter_all(tmp_path)
    approved = Answer.objects.filter(analysis__in=("plan", "outlook")).order_by("pk").values_list("pk", flat=True)[:2]
    Answer.objects.exclude(pk__in=list(approved)).delete()
    client = Client()
    user = User.objects.create(username="chief")
    give_roles(user, ["cto"])
    client.force_login(user)
    return client


def asked() -> list[str]:
    return [json.loads(job.arguments)["analysis"] for job in Job.objects.order_by("pk")]


def test_without_a_worker_nothing_is_asked_for(desk: Client) -> None:
    assert desk.get("/").status_code == 200
    assert asked() == []


def test_what_is_not_known_is_asked_for_once(desk: Client) -> None:
    Worker.objects.create(name="one", beat=timezone.now())
    for _look in range(2):
        page = desk.get("/").content.decode()
    assert "drift" in asked()
    assert sorted(asked()) == sorted(set(asked()))
    assert "/drift" in page
