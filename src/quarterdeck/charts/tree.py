"""The tree of goals: what serves what, from the left to the right, each box with its figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from quarterdeck.charts.chart import Drawing
from quarterdeck.charts.drawing import element, linked, root, shorten, text
from quarterdeck.charts.marks import STATE_COLOURS, State
from quarterdeck.charts.theme import Colour

BOX = 216.0
GAP = 44.0
HEIGHT = 44.0
PITCH = 54.0


@dataclass(frozen=True)
class Node:
    """A box: its key, what it serves (empty for a root), its words, its figure and how that stands."""

    key: str
    parent: str
    label: str
    figure: str = ""
    state: State = State.PLAIN
    colour: Colour = Colour.STRATEGY
    address: str = ""


def children_of(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """Boxes by what they serve, in the order given. Raises ValueError on a double key or an unknown parent."""
    keys = {node.key for node in nodes}
    if len(keys) != len(nodes):
        raise ValueError("two boxes of the tree have the same key")
    found: dict[str, list[Node]] = {}
    for node in nodes:
        if node.parent and node.parent not in keys:
            raise ValueError(f"{node.key} serves {node.parent}, which is not in the tree")
        found.setdefault(node.parent, []).append(node)
    return found


def places(nodes: Sequence[Node]) -> dict[str, tuple[float, float]]:
    """Left and middle of every box: leaves one under another, a parent amid its children.

    Raises ValueError where boxes serve each other in a circle. The walk keeps its own stack, so depth is no limit.
    """
    below = children_of(nodes)
    placed: dict[str, tuple[float, float]] = {}
    leaf = 0
    stack = [(node, 0, False) for node in reversed(below.get("", []))]
    while stack:
        node, depth, done = stack.pop()
        beneath = below.get(node.key, [])
        left = depth * (BOX + GAP)
        if not beneath:
            placed[node.key] = (left, HEIGHT / 2 + 4 + leaf * PITCH)
            leaf += 1
        elif done:
            middles = [placed[child.key][1] for child in beneath]
            placed[node.key] = (left, (middles[0] + middles[-1]) / 2)
        else:
            stack.append((node, depth, True))
            stack.extend((child, depth + 1, False) for child in reversed(beneath))
    if len(placed) != len(nodes):
        raise ValueError("boxes of the tree serve each other in a circle")
    return placed


def box(node: Node, left: float, middle: float) -> str:
    """One box: a hairline frame, the chapter's colour on its edge, words and figure."""
    top = middle - HEIGHT / 2
    plain = Colour.INK_2
    shade = STATE_COLOURS.get(node.state, plain)
    words = middle + 4 if not node.figure else middle - 4
    edge = {"fill": node.colour.value}
    parts = [
        element(
            "rect",
            kind="box",
            x=left,
            y=top,
            width=BOX,
            height=HEIGHT,
            rx=4,
            fill=Colour.SURFACE.value,
            stroke=Colour.LINE_STRONG.value,
        ),
        element("rect", kind="edge", x=left, y=top, width=3, height=HEIGHT, **edge),
        text(
            shorten(node.label, 12.5, BOX - 24),
            left + 12,
            words,
            fill=Colour.INK.value,
            font_size=12.5,
            font_weight=500,
        ),
    ]
    if node.figure:
        figure = shorten(node.figure, 11, BOX - 24)
        parts.append(text(figure, left + 12, middle + 14, kind=node.state.value, fill=shade.value, font_size=11))
    return linked("".join(parts), node.address)


def tree(nodes: Sequence[Node], columns: Sequence[str], caption: str) -> Drawing:
    """Draw the tree. `columns` head: key, serves, name, figure. Links as for the roadmap."""
    if len(columns) != 4:
        raise ValueError("a tree has four headings")
    placed = places(nodes)
    parts: list[str] = []
    for node in nodes:
        if node.parent:
            (left, middle), (parent_left, parent_middle) = placed[node.key], placed[node.parent]
            start, half = parent_left + BOX, parent_left + BOX + GAP / 2
            path = f"M{start:g},{parent_middle:g}C{half:g},{parent_middle:g} {half:g},{middle:g} {left:g},{middle:g}"
            parts.append(element("path", kind="link", d=path, fill="none", stroke=Colour.LINE_STRONG.value))
    parts += [box(node, *placed[node.key]) for node in nodes]
    width = max((left for left, _ in placed.values()), default=0) + BOX + 2
    height = max((middle for _, middle in placed.values()), default=0) + HEIGHT / 2 + 4
    rows = tuple((node.key, node.parent, node.label, node.figure) for node in nodes)
    return Drawing(root(width, height, "tree", caption, parts), tuple(columns), rows, caption)
