"""Commands of planning: engine, analyse, plan, what-if."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from quarterdeck.cli.app import Misused, app, open_home, reader
from quarterdeck.cli.output import Json, put_json, put_table


@app.command()
def engine(
    name: Annotated[str, typer.Argument(help="Name of the engine.")],
    given: Annotated[Path | None, typer.Option("--input", help="A JSON file with its inputs.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print what it takes, as JSON Schema.")] = False,
) -> None:
    """Run any engine on plain JSON; no home is needed."""
    from pydantic import ValidationError  # noqa: PLC0415

    from quarterdeck.engines import catalog  # noqa: PLC0415
    from quarterdeck.runs import values  # noqa: PLC0415

    module = catalog.load(name)
    if schema:
        put_json(values.schema(module.Inputs))
        return
    if given is None or not given.is_file():
        raise Misused("say with --input which JSON file holds the inputs; --schema prints what they are")
    try:
        inputs = values.from_text(module.Inputs, given.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "is not UTF-8"}
        raise Misused(f"{given}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    put_json(values.plain(getattr(module, catalog.ENGINES[name])(inputs, None)))


def _answer(name: str, parameters: dict[str, str]) -> Any:
    open_home()
    from quarterdeck.runs import answers  # noqa: PLC0415

    return answers.answer(name, reader(), parameters)


def _parameters(given: list[str] | None) -> dict[str, str]:
    found = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise Misused(f"a parameter is name=value, not {text!r}")
        found[name] = value
    return found


@app.command()
def analyse(
    name: Annotated[str, typer.Argument(help="Name of the analysis; empty lists them.")] = "",
    parameter: Annotated[list[str] | None, typer.Option(help="name=value; say it again for more.")] = None,
    as_json: Json = False,
) -> None:
    """The answer of any analysis, with what it rests on."""
    open_home()
    from quarterdeck.runs import values  # noqa: PLC0415
    from quarterdeck.runs.analysis import ANALYSES  # noqa: PLC0415

    if not name:
        rows = [(a.name, str(a.question), ", ".join(a.defaults)) for a in ANALYSES.values()]
        put_table(("analysis", "question", "parameters"), rows, as_json=as_json)
        return
    if name not in ANALYSES:
        raise Misused(f"there is no analysis {name!r}; there are: {', '.join(sorted(ANALYSES))}")
    unknown = _parameters(parameter).keys() - ANALYSES[name].defaults.keys()
    if unknown:
        raise Misused(f"{name} takes no parameter {sorted(unknown)[0]!r}")
    found = _answer(name, _parameters(parameter))
    rested = [{"what": r.what, "filter": r.filter, "count": r.count} for r in found.rested]
    whole = {
        "answer": found.name,
        "run": found.run,
        "engine": f"{found.engine} {found.version}",
        "rests_on": rested,
        "result": values.plain(found.result),
    }
    if as_json:
        put_json(whole)
        return
    print(f"{found.name} · run {found.run[:12]} · engine {whole['engine']} · {found.seconds:.1f} s")
    put_table(("rests on", "filter", "records"), [(r["what"], r["filter"], r["count"]) for r in rested], as_json=False)
    print(json.dumps(whole["result"], ensure_ascii=False, indent=1)[:4_000])
