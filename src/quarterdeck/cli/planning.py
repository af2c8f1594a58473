"""Commands of computing: engine, analyse."""

import ast
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterdeck.cli.app import Misused, app, open_home, pairs, reader
from quarterdeck.cli.output import Json, plain, put_json, put_table, remark
from quarterdeck.cli.words import _
from quarterdeck.cli.working import working

if TYPE_CHECKING:
    from quarterdeck.runs.answers import Answered

SHOWN = 4_000  # characters of a result that people are shown


@app.command()
def engine(
    name: Annotated[str, typer.Argument(help="Name of the engine; empty lists them.")] = "",
    given: Annotated[Path | None, typer.Option("--input", help="A JSON file with its inputs.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print what it takes, as JSON Schema.")] = False,
    as_json: Json = False,
) -> None:
    """Run any engine on plain JSON; no home is needed.

    A result is always JSON; --json makes the list of engines JSON too.
    """
    from quarterdeck.engines import catalog  # noqa: PLC0415 — nothing heavy before a command needs it

    if not name and (given is not None or schema):
        raise Misused("say which engine, before --input and --schema")
    if not name:
        columns = {"engine": _("engine"), "question": _("question")}
        put_table(columns, [(one, _question(one)) for one in catalog.ENGINES], as_json=as_json)
        return
    try:
        module = catalog.load(name)
    except LookupError as error:
        raise Misused(str(error.args[0])) from error
    from quarterdeck.runs import values  # noqa: PLC0415

    if schema:
        put_json(values.schema(module.Inputs))
        return
    if given is None:
        raise Misused("say with --input which JSON file holds the inputs; --schema prints what they are")
    with working(f"engine {name}") as going:
        try:
            inputs = values.given(module.Inputs, given.read_text(encoding="utf-8"))
            result = getattr(module, catalog.ENGINES[name])(inputs, going.part)
        except (ValueError, ArithmeticError) as error:
            raise Misused(f"{given}: {_first(error)}") from error
    put_json(values.plain(result))


def _question(engine: str) -> str:
    """The first line of an engine's docstring, without loading its numeric libraries."""
    spec = find_spec(f"quarterdeck.engines.{engine}")
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def _first(error: Exception) -> str:
    """The first of what is wrong with inputs, and where it stands."""
    errors = getattr(error, "errors", None)
    if errors is None:
        return str(error)
    first = errors()[0]
    unknown = first["type"] in ("unexpected_keyword_argument", "extra_forbidden")
    why = "is nothing that it takes" if unknown else first["msg"].removeprefix("Value error, ")
    return ": ".join(filter(None, [".".join(map(str, first["loc"])), why]))


@app.command()
def analyse(
    name: Annotated[str, typer.Argument(help="Name of the analysis; empty lists them.")] = "",
    parameter: Annotated[list[str] | None, typer.Option(help="name=value; say it again for more.")] = None,
    as_json: Json = False,
) -> None:
    """Answer any analysis, with what it rests on."""
    open_home()
    from quarterdeck.runs import answers, values  # noqa: PLC0415
    from quarterdeck.runs.analysis import ANALYSES  # noqa: PLC0415

    if not name:
        rows = [(a.name, str(a.question), ", ".join(a.defaults)) for a in ANALYSES.values()]
        columns = {"analysis": _("analysis"), "question": _("question"), "parameters": _("parameters")}
        put_table(columns, rows, as_json=as_json)
        return
    if name not in ANALYSES:
        raise Misused(f"there is no analysis {name!r}; there are: {', '.join(sorted(ANALYSES))}")
    asked = pairs(parameter, "a parameter")
    if unknown := asked.keys() - ANALYSES[name].defaults.keys():
        takes = ", ".join(ANALYSES[name].defaults) or "none"
        raise Misused(f"{name} takes no parameter {sorted(unknown)[0]!r}; it takes: {takes}")
    with working(name) as going:
        found = answers.answer(name, reader(), asked, progress=going.part)
    _show(found, values.plain(found.result), as_json=as_json)


def _show(found: "Answered", result: Any, *, as_json: bool) -> None:
    rested = [{"what": r.what, "filter": r.filter, "count": r.count} for r in found.rested]
    engine = f"{found.engine} {found.version}"
    if as_json:
        put_json({"answer": found.name, "run": found.run, "engine": engine, "rests_on": rested, "result": result})
        return
    run = _("run %(run)s") % {"run": found.run[:12]}
    print(f"{found.name} · {run} · {_('engine')} {engine} · {found.seconds:.1f} s")
    columns = {"what": _("rests on"), "filter": _("filter"), "count": _("records")}
    put_table(columns, [tuple(one.values()) for one in rested], as_json=False)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    print(plain(text[:SHOWN]))
    if len(text) > SHOWN:
        counts = {"shown": f"{SHOWN:,}", "there": f"{len(text):,}"}
        remark(_("the first %(shown)s of %(there)s characters; --json prints all of it") % counts)
