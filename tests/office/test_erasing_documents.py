"""Erasing a person tells which documents name them; what was handed out is not changed."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.kinds.erase import erase
from quarterdeck.kinds.roles import ROLES, Authority, Reader, service
from quarterdeck.kinds.write import Change, write
from quarterdeck.office.documents import editions
from quarterdeck.office.documents.editions import Said, keep, kept_file

OPERATOR = service("tests")
NAME = "Adalbert Löwenherz"


def packed(text: str) -> bytes:
    """A document of Word's sort that says this."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", f"<w:t>{text}</w:t>")
    return content.getvalue()


@pytest.fixture
def edition(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An edition that names somebody in two of its files, and may in a third that cannot be searched."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    write(OPERATOR, [Change("person", "e-1", {"name": NAME}), Change("person", "e-2", {"name": "Beate"})], "x")
    contents = {
        ("pack.en.md", "en", "md"): f"Ask {NAME} about it".encode(),
        ("pack.en.docx", "en", "docx"): packed(f"Ask {NAME.upper()}"),
        ("pack.en.pdf", "en", "pdf"): b"%PDF",
        ("pack.zh.pdf", "zh", "pdf"): b"%PDF",
    }
    files = {kept_file(*named, content): content for named, content in contents.items()}
    return keep("board-pack", OPERATOR.reader, [Said("en", "Nothing")], files, ()).key


def test_files_that_name_the_erased_are_told(edition: str):
    hits = {(h.key, h.field): h.excerpt for h in erase(OPERATOR, "person:e-1").hits if h.place == "documents"}
    assert hits == {
        (edition, "pack.en.md"): f"Ask {NAME} about it",
        (edition, "pack.en.docx"): f"Ask {NAME.upper()}",
        (edition, "pack.zh.pdf"): "…",
    }
    assert editions.one(edition).sealed
    assert editions.altered_files(editions.one(edition)) == []


def test_whoever_may_not_see_documents_is_not_told_their_words(edition: str):
    hits = erase(Authority(Reader("user:x", (ROLES["administrator"],))), "person:e-1").hits
    assert {hit.excerpt for hit in hits if hit.place == "documents"} == {"…"}


def test_somebody_whom_no_document_names_leaves_only_what_cannot_be_searched(edition: str):
    hits = [hit.field for hit in erase(OPERATOR, "person:e-2").hits if hit.place == "documents"]
    assert hits == ["pack.zh.pdf"]
    (editions.folder() / edition / "manifest.json").write_text("{")
    write(OPERATOR, [Change("person", "e-3", {"name": "Carl Xaver"})], "x")
    assert [hit.field for hit in erase(OPERATOR, "person:e-3").hits if hit.place == "documents"] == [""]
