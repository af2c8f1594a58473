"""Erases a person from the ledgers of decisions: what was said stands for good, so it is told where it names them."""

from collections.abc import Iterator

from django.db import models

from quarterdeck.decisions.models import Comment, Proposal, Step, Turn
from quarterdeck.kinds import keys
from quarterdeck.kinds.erase import Cleared, Hit, Subject, mentioning, place
from quarterdeck.kinds.roles import Reader

TEXTS: dict[type[models.Model], list[str]] = {
    Proposal: ["title_en", "title_zh", "reason", "changes"],
    Step: ["question", "comment"],
    Turn: ["comment", "moved"],
    Comment: ["text"],
}


@place
def decisions(subject: Subject, reader: Reader, cleared: Cleared) -> Iterator[Hit]:
    """Free text of proposals and of what was said about them; personal values in them are sealed."""
    seen = any(role.everything and "*" in role.reads for role in reader.roles)
    for model, fields in TEXTS.items():
        further = () if model is Proposal else ("proposal",)
        for row in mentioning(model, fields, subject, *further):
            for name in fields:
                excerpt = subject.marks(row[name])
                if excerpt is not None:
                    key = f"D-{row.get('proposal', row['pk'])}"
                    yield Hit("decisions", model._meta.model_name or "", key, name, excerpt if seen else keys.HIDDEN)
