"""Golden results: an engine's whole result as canonical text, compared exactly with the file beside the tests."""

import json
import os
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "golden"
DIGITS = 12  # significant; what the last bits of a library's transcendental functions may not disturb


def plain(value: object, digits: int = DIGITS) -> object:
    """The value as JSON holds it: records as objects in their fields' order, floats to so many significant digits."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), digits) for field in fields(value)}
    if isinstance(value, dict):
        return {str(plain(key)): plain(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, digits) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), digits)
    return scalar(value, digits)


def scalar(value: object, digits: int) -> object:
    """One value that holds no others."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float):
        rounded = float(f"{value:.{digits - 1}e}")
        return rounded if np.isfinite(rounded) else repr(rounded)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"a golden result holds plain values only, not {type(value).__name__}")


def canonical(value: object, digits: int = DIGITS) -> str:
    """The text of a result: indented JSON, as it stands in the golden file."""
    return json.dumps(plain(value, digits), ensure_ascii=False, indent=1) + "\n"


def compare(name: str, result: object, digits: int = DIGITS) -> None:
    """Compare a result with `golden/NAME.json`, exactly; GOLDEN=write in the environment writes the file instead.

    Fewer digits are for results of transforms, whose last ones hang on the processor. Raises AssertionError when they
    differ or when there is no file.
    """
    path = FOLDER / f"{name}.json"
    text = canonical(result, digits)
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"there is no {path}; look at the result, then write it with GOLDEN=write"
    assert text == path.read_text(encoding="utf-8"), f"the result differs from {path}"
