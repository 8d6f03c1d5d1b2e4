"""The house keeps its floor plan: who imports whom, one room per library, small files, nothing of one machine in it."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROOMS = ("actors", "storage", "sim", "gateway")
"""In order: each imports itself and those to its left."""

INNER = {
    "actors.values": (),
    "actors.plates": ("actors.values",),
    "actors.messages": ("actors.values", "actors.plates"),
    "actors.tariffs": ("actors.values", "actors.plates", "actors.messages"),
    "actors.engine": ("actors.values", "actors.messages"),
}
"""What the innermost parts of `actors` may import of it, besides themselves."""

HOMES = {
    "ray": ("actors/engine/cluster.py",),
    "sqlalchemy": ("storage/",),
    "asyncpg": ("storage/",),
    "alembic": ("storage/",),
    "simpy": ("sim/",),
    "aiohttp": ("gateway/",),
    "cryptography": ("gateway/outside/",),
    "websockets": ("gateway/",),
    "aiomqtt": ("gateway/",),
    "paho": ("gateway/",),
}
LINES_IN_A_FILE = 350
LINES_IN_A_FUNCTION = 60

ELSEWHERE = re.compile(
    r"(?:registry|mirrors?|packages?|pypi|npm)[a-z0-9-]*\.[a-z0-9.-]*(?:org|com|net|cn|io|dev)\b"
    r"|\bpypi\.org|pythonhosted|yarnpkg|(?<![\w.:/-])/(?:root|work|home/\w+|Users/\w+)/",
    re.IGNORECASE,
)
"""A package registry's host, or a path that exists on one machine only."""


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    paths = [path for room in ROOMS for path in sorted((TOP / room).rglob("*.py"))]
    return [(path.relative_to(TOP), ast.parse(path.read_text())) for path in paths]


@cache
def imports(tree: ast.Module) -> list[tuple[str, bool]]:
    """Each imported module, and whether it is imported when the file itself is."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    late = {id(node) for function in functions for node in ast.walk(function)}
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        now = id(node) not in late
        if isinstance(node, ast.Import):
            found += ((alias.name, now) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name the whole module"
            found += ((f"{node.module}.{alias.name}", now) for alias in node.names)
    return found


def test_rooms_import_only_what_lies_to_their_left() -> None:
    wrong = []
    for path, tree in modules():
        allowed = ROOMS[: ROOMS.index(path.parts[0]) + 1]
        for name, _ in imports(tree):
            room = name.partition(".")[0]
            if room in (*ROOMS, "tests", "benchmarks", "web") and room not in allowed:
                wrong.append(f"{path} imports {name}")
    assert not wrong


def test_the_inner_parts_of_actors_keep_their_order() -> None:
    wrong = []
    for path, tree in modules():
        own = ".".join(path.with_suffix("").parts[:2])
        if own in INNER:
            allowed = (own, *INNER[own])
            found = (name for name, _ in imports(tree) if name.startswith("actors."))
            wrong += [f"{path} imports {name}" for name in found if not name.startswith(allowed)]
    assert not wrong


def test_each_library_has_one_room() -> None:
    wrong = []
    for path, tree in modules():
        for name, _ in imports(tree):
            homes = HOMES.get(name.partition(".")[0])
            if homes and not str(path).startswith(homes):
                wrong.append(f"{path} imports {name}")
    assert not wrong


def test_no_import_is_circular() -> None:
    known = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): tree for path, tree in modules()}
    graph = {name: {_module(target, known) for target, now in imports(tree) if now} for name, tree in known.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for target in graph[name] - {"", name}:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def _module(target: str, known: dict[str, ast.Module]) -> str:
    """The module of ours that `from a.b import c` loads: a.b.c, or a.b, or none."""
    parent = target.rpartition(".")[0]
    return target if target in known else parent if parent in known else ""


def test_files_and_functions_are_small() -> None:
    wrong = []
    for path in [p for room in (*ROOMS, "tests", "benchmarks") for p in sorted((TOP / room).rglob("*.py"))]:
        text = path.read_text()
        if text.count("\n") > LINES_IN_A_FILE:
            wrong.append(f"{path.relative_to(TOP)} has {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LINES_IN_A_FUNCTION:
                    wrong.append(f"{path.relative_to(TOP)}: {node.name} has {lines} lines")
    assert not wrong


def test_modules_and_classes_say_what_they_are() -> None:
    wrong = []
    for path, tree in modules():
        named = [(str(path), tree), *((f"{path}: {n.name}", n) for n in tree.body if isinstance(n, ast.ClassDef))]
        wrong += [name for name, node in named if not ast.get_docstring(node) and not _private(name)]
    assert not wrong


def _private(name: str) -> bool:
    return name.rpartition(": ")[2].startswith("_") or "/versions/" in name


def tracked_texts() -> list[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    texts = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = TOP / name
        if path.is_file() and path != Path(__file__) and path.stat().st_size < 4_000_000:
            content = path.read_bytes()
            if b"\0" not in content:
                texts.append((name, content.decode(errors="replace")))
    return texts


def test_tracked_files_name_no_registry_and_no_machine() -> None:
    wrong = [
        f"{name}: {found.group()}" for name, text in tracked_texts() for found in [ELSEWHERE.search(text)] if found
    ]
    assert not wrong


def test_a_cell_imports_no_more_than_it_needs() -> None:
    """How soon it is back after its death is mostly how long that takes."""
    program = "import sys, gateway.workers.cell; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=TOP, check=True)
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert "asyncpg" in packages
    assert not packages & {"sqlalchemy", "alembic", "aiohttp", "websockets", "aiomqtt", "cryptography"}
