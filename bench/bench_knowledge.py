"""The knowledge engine over a made history of 125,000 touches, beside a plain greedy loop."""

import argparse
import platform
import random
import time
from collections import Counter, defaultdict
from datetime import date

from quarterdeck.engines import knowledge
from quarterdeck.engines.knowledge.authorship import authors, read_authorship
from quarterdeck.engines.knowledge.history import read_history


def made_history(touches: int, seed: int = 1) -> knowledge.Touches:
    """A history: 600 people, files three folders deep, 12 % of touches create, 1.7 % rename, 1.3 % delete."""
    draw = random.Random(seed)
    people = [f"person-{number:03}" for number in range(600)]
    weights = [1 / (1 + place) for place in range(600)]
    standing: list[str] = []
    rows = []
    for order in range(touches):
        person = draw.choices(people, weights)[0]
        what = draw.random()
        fix, added, removed = draw.random() < 0.3, draw.randrange(80), draw.randrange(20)
        if what < 0.12 or len(standing) < 50:
            path = f"d{draw.randrange(20)}/e{draw.randrange(12)}/f{draw.randrange(6)}/file{order}.py"
            standing.append(path)
            rows.append(knowledge.Touch(person, path, order, created=True, added=added, removed=0))
            continue
        place = draw.randrange(len(standing))
        path = standing[place]
        if what < 0.137:
            new = path.replace(".py", f"r{order}.py")
            standing[place] = new
            rows.append(knowledge.Touch(person, new, order, renamed_from=path, added=0, removed=0))
        elif what < 0.15:
            standing[place] = standing[-1]
            standing.pop()
            rows.append(knowledge.Touch(person, path, order, deleted=True, added=0, removed=added))
        else:
            rows.append(knowledge.Touch(person, path, order, added=added, removed=removed, fix=fix))
    return knowledge.Touches.of(rows)


def plain_greedy(inputs: knowledge.Inputs) -> dict[str, int]:
    """Truck factors of the same directories by taking authors away one by one in plain Python: peer and oracle."""
    history = read_history(inputs)
    rows = read_authorship(history.pairs, len(history.paths))
    mask = authors(rows, inputs.rule)
    of_file = defaultdict(list)
    for file, person, changes in zip(rows.file[mask], rows.person[mask], rows.changes[mask], strict=True):
        of_file[int(file)].append((int(person), int(changes)))
    folders = defaultdict(list)
    for file, path in enumerate(history.paths):
        parts = path.split("/")[:-1][: inputs.depth]
        for depth in range(len(parts) + 1):
            folders["/".join(parts[:depth])].append(file)
    return {folder: _greedy(files, of_file) for folder, files in folders.items()}


def _greedy(files: list[int], of_file: dict[int, list[tuple[int, int]]]) -> int:
    """One directory, one author at a time; -1 where more than half of the files never had an author."""
    owned, changes = Counter(), Counter()
    for file in files:
        for person, number in of_file[file]:
            owned[person] += 1
            changes[person] += number
    gone: set[int] = set()
    while True:
        alive = sum(any(person not in gone for person, _ in of_file[file]) for file in files)
        if 2 * alive < len(files):
            return len(gone) if gone else -1
        gone.add(min((p for p in owned if p not in gone), key=lambda p: (-owned[p], -changes[p], p)))


def main() -> None:
    """Print a table of times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=125_000)
    touches = made_history(parser.parse_args().touches)
    inputs = knowledge.Inputs(touches)
    begin = time.process_time()
    result = knowledge.assess(inputs)
    ours = time.process_time() - begin
    begin = time.process_time()
    peer = plain_greedy(inputs)
    theirs = time.process_time() - begin
    same = all(
        peer[unit.name] == (-1 if unit.truck_factor is None else unit.truck_factor)
        for unit in result.units
        if unit.sort is knowledge.Sort.DIRECTORY
    )
    print(f"{date.today()}  {platform.machine()}  {platform.python_implementation()} {platform.python_version()}")
    print(f"{len(touches.path):,} touches, {result.checks.files:,} files, {len(result.units):,} units, CPU seconds")
    print(f"{'assess (five rules, candidates, islands, hotspots)':<56}{ours:>8.3f}   goal 1.0")
    print(f"{'plain greedy loop (one rule, truck factors only)':<56}{theirs:>8.3f}")
    print(f"same truck factors: {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
