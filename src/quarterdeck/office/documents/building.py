"""Builds a document: asks for the answers, says the pack in each language, has it written, keeps the edition."""

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from quarterdeck.kinds.roles import Denied, Reader
from quarterdeck.office.documents import pack as packs
from quarterdeck.office.documents.editions import RIGHT, Edition, KeptFile, Said, keep, kept_file
from quarterdeck.office.documents.ground import Approved
from quarterdeck.office.documents.tree import Pack
from quarterdeck.office.plan import baseline as baselines
from quarterdeck.office.plan import drift as drifts
from quarterdeck.office.plan.analyses import within
from quarterdeck.office.plan.frame import NotReady
from quarterdeck.office.plan.pages import currency_of
from quarterdeck.runs import answers, jobs
from quarterdeck.runs.answers import Answered

BOARD_PACK = "board-pack"
LANGUAGES = {"en": "en", "zh": "zh-hans"}  # as files are named, and as the product knows them


@dataclass(frozen=True)
class Format:
    """A format: what people call it, what browsers call it, and the module that writes it (loaded only when used)."""

    name: str
    title: str
    content_type: str
    module: str

    def write(self, pack: Pack) -> bytes:
        """The pack in this format."""
        written: bytes = importlib.import_module(f"quarterdeck.office.documents.{self.module}").write(pack)
        return written


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    one.name: one
    for one in (
        Format("pdf", "PDF", "application/pdf", "pdf"),
        Format("pptx", "PowerPoint", f"{_OFFICE}.presentationml.presentation", "slides"),
        Format("docx", "Word", f"{_OFFICE}.wordprocessingml.document", "text_document"),
        Format("md", "Markdown", "text/markdown; charset=utf-8", "markdown"),
    )
}


@dataclass(frozen=True)
class Behind:
    """The answers behind a board pack; where a plan was approved, that plan kept as it is and its drift, too."""

    plan: Answered
    outlook: Answered
    baseline: baselines.Baseline | None = None
    kept: Answered | None = None
    drift: Answered | None = None

    @property
    def answers(self) -> tuple[Answered, ...]:
        """Those of today."""
        return tuple(one for one in (self.plan, self.outlook, self.kept, self.drift) if one is not None)

    @property
    def frozen(self) -> tuple[Answered, ...]:
        """Those that the approval froze."""
        return (self.baseline.plan, self.baseline.outlook) if self.baseline else ()


def ask(reader: Reader, step: jobs.Step = lambda part: None) -> Behind:
    """The answers, computed where they are not known. Raises Denied, NotReady, exchange.NoRate."""
    if not reader.may(RIGHT):
        raise Denied("make", "documents")
    plan = answers.answer("plan", reader, progress=lambda part: step(0.4 * part))
    outlook = answers.answer("outlook", reader, progress=lambda part: step(0.4 + 0.2 * part))
    before = answers.inputs_of(outlook)
    if before.plan != within(plan.result.plan, before.programme):
        raise NotReady(_("The outlook was computed on another plan: look at the plan first, then build again."))
    base = baselines.baseline()
    if base is None:
        return Behind(plan, outlook)
    asked = {"baseline": str(base.plan.id)}
    kept = answers.answer("outlook", reader, asked, progress=lambda part: step(0.6 + 0.05 * part))
    drift = answers.answer("drift", reader, asked, progress=lambda part: step(0.65 + 0.05 * part))
    return Behind(plan, outlook, base, kept, drift)


def say(behind: Behind, reader: Reader, language: str) -> Pack:
    """The pack in one language ("en", "zh-hans")."""
    with translation.override(language):
        currency = currency_of(reader)
        approved = None
        if behind.baseline is not None and behind.kept is not None and behind.drift is not None:
            seen = drifts.view(behind.drift, behind.baseline, reader, currency)
            approved = Approved(behind.baseline, behind.kept, behind.drift, seen)
        return packs.build(behind.plan, behind.outlook, reader, currency, approved)


def build(
    reader: Reader,
    languages: Sequence[str] = tuple(LANGUAGES),
    formats: Sequence[str] = tuple(FORMATS),
    step: jobs.Step = lambda part: None,
) -> Edition:
    """A board pack in these languages ("en", "zh") and formats, kept as an edition.

    Raises Denied, NotReady, exchange.NoRate, TypefacesMissingError.
    """
    behind = ask(reader, step)
    said, contents = [], dict[KeptFile, bytes]()
    wanted = [(language, name) for language in languages for name in formats]
    shown = {language: say(behind, reader, LANGUAGES[language]) for language in languages}
    for place, (language, name) in enumerate(wanted):
        step(0.7 + 0.3 * place / len(wanted))
        written = FORMATS[name].write(shown[language])
        contents[kept_file(f"{BOARD_PACK}.{language}.{name}", language, name, written)] = written
    said = [Said(language, pack.sentence.words) for language, pack in shown.items()]
    return keep(BOARD_PACK, reader, said, contents, behind.answers, behind.frozen)


def chosen(given: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The given names in the order in which they are known; all where none is given. Raises KeyError on others."""
    names, wanted = tuple(known), set(given)
    if unknown := wanted - set(names):
        raise KeyError(sorted(unknown)[0])
    return tuple(name for name in names if name in wanted) if wanted else names
