"""Texts that documents print in Chinese, English or both: one declared field, two columns, a visible fallback."""

from dataclasses import dataclass
from typing import Any

from django.db import models

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Text:
    """One text in two languages; either half may be empty."""

    en: str = ""
    zh: str = ""

    def reading(self, language: str) -> str:
        """The text for a reader of this language ("en", "zh-hans"): the other half where their own is missing."""
        own, other = (self.zh, self.en) if language.startswith("zh") else (self.en, self.zh)
        return own or other

    def falls_back(self, language: str) -> bool:
        """Whether the reader is shown the other language's half."""
        return not (self.zh if language.startswith("zh") else self.en) and bool(self.en or self.zh)


class _Half:
    """Reads and writes both columns of a two-language text as one value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, record: models.Model | None, owner: type | None = None) -> Any:
        if record is None:
            return self
        return Text(getattr(record, f"{self.name}_en"), getattr(record, f"{self.name}_zh"))

    def __set__(self, record: models.Model, value: Text) -> None:
        setattr(record, f"{self.name}_en", value.en)
        setattr(record, f"{self.name}_zh", value.zh)


class TwoLanguages:
    """Declares a text in two languages on a model: `name = TwoLanguages("name")` makes `name_en` and `name_zh`."""

    def __init__(self, label: Any, *, long: bool = False, blank: bool = False, help_text: Any = "") -> None:
        self.label, self.long, self.blank, self.help_text = label, long, blank, help_text

    def contribute_to_class(self, model: type[models.Model], name: str) -> None:
        for language in LANGUAGES:
            field: Any
            if self.long:
                field = models.TextField(self.label, blank=True, default="", help_text=self.help_text)
            else:
                field = models.CharField(self.label, max_length=300, blank=True, default="", help_text=self.help_text)
            field.language = language
            field.text = name
            field.text_required = not self.blank
            model.add_to_class(f"{name}_{language}", field)
        setattr(model, name, _Half(name))
