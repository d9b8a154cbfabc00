"""ARCHITECTURE.md as tests: who may import, name, await, catch and declare what, and how much.

Every exception stands in a table here, with its reason. A rule that a change has to break is
changed here and in ARCHITECTURE.md, in the same commit.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from source_tree import ROOT, Function, Module, fail_on, owner, read_modules

MODULES = read_modules()
NAMES = frozenset(module.name for module in MODULES)

# --- Tables

# The rooms (a folder of app/, or a module directly in it), lowest first: a room may import those
# below its own line. `free` stands beside everything: plain values and plain means.
FREE = {"app", "build", "i18n", "domain"}
MAY_IMPORT = {
    "later": "",
    "tasks": "",
    "call": "",
    "tex": "",
    "paths": "",
    "log": "",
    "advice": "",
    "markdown": "",
    "providers": "",
    "storage": "",
    "config": "tasks",
    "keyrings": "",
    "secrets": "keyrings",
    "attachments": "storage tasks",
    "tools": "tasks",
    "services": "providers config secrets keyrings tasks advice",
    "reply": "providers tasks",
    "running": "reply providers tasks",
    "asking": "reply providers",
    "choice": "providers",
    "saving": "storage tasks",
    "finding": "storage tasks",
    "chat": "running reply asking choice saving providers tasks attachments",
    "trash": "storage tasks",
    "branching": "storage tasks",
    "library": "trash branching chat finding reply storage tasks attachments",
    "updates": "config paths tasks",
    "parts": "paths",
    "written_chats": "",
    "restoring": "attachments config paths storage tasks written_chats",
    "house": "parts paths log storage config tasks restoring",
    "engine": "library chat reply saving log services providers storage config secrets paths tasks "
    "attachments updates house restoring",
    "cli": "call engine attachments chat choice reply saving providers storage config paths tasks "
    "advice markdown restoring written_chats",
    "ui": "call tex library chat choice reply services config secrets attachments markdown advice "
    "updates house parts restoring",
    "assembly": "engine ui library chat",
    "loop": "",
    "main": "call later loop paths assembly engine ui services",
    "selftest": "call tex main engine ui markdown providers reply keyrings paths updates",
    "__main__": "call tex cli main selftest ui",
}

# A library and the rooms that may name it.
MAY_NAME = {
    "PySide6": "ui assembly loop main selftest",
    "shiboken6": "ui main",
    "qasync": "loop",
    "httpx": "providers",
    "keyring": "keyrings",
    "jeepney": "keyrings ui",
    "sqlite3": "storage selftest",
    "markdown": "markdown",
    "pygments": "markdown",
    "ziamath": "tex",
    "platformdirs": "paths",
    "tomllib": "config updates",
    "nacl": "updates selftest",
    "tomli_w": "config",
    "PIL": "attachments selftest",
    "pi_heif": "attachments selftest",
    "pypdfium2": "attachments selftest",
    "charset_normalizer": "attachments",
}
ASYNC_ROOMS = set(
    "providers tools services secrets reply chat library finding attachments tasks engine main "
    "updates house restoring trash branching cli selftest".split()
)
CLOCKS_AND_FILES = set("time os io pathlib uuid random secrets shutil socket tempfile".split())

# Imports within functions: what start-up must not pay for. Module -> what it imports late.
DIALECTS = "app.providers.connections app.providers.openai app.providers.gemini app.providers.demo"
PROBES = "app.providers.probes"
PANES = " ".join(f"app.ui.viewing.{kind}_pane" for kind in ("picture", "player", "pages", "text"))
SHEETS = " ".join(f"app.ui.settings.{page}" for page in ("window", "about", "data"))
LATE = {
    "app.__main__": "app.cli app.main app.selftest app.tex app.ui",
    "app.attachments.pdf": "pypdfium2",
    "app.attachments.pictures": "PIL pi_heif",
    "app.attachments.texts": "charset_normalizer",
    "app.cli.opening": "app.cli.attaching app.cli.drawing",
    "app.engine": "app.attachments app.updates app.house",
    "app.keyrings": "keyring jeepney",
    "app.assembly": "app.ui.furnishing",
    "app.assembly.exporting": "app.ui.export",
    "app.assembly.attaching": "app.assembly.attach_room app.ui.transcript.view",
    "app.main": "app.assembly app.engine app.loop app.ui.theme",
    "app.providers": f"{DIALECTS} app.providers.download app.providers.small_file",
    "app.selftest.parts": "app.providers.connections app.tex app.ui.transcript.formulas PIL "
    "pi_heif pypdfium2 nacl PySide6.QtMultimedia PySide6.QtPrintSupport",
    "app.services.local": PROBES,
    "app.services.uploads": "app.providers.gemini_files",
    "app.services.trial": PROBES,
    "app.ui.desktop_notice": "jeepney",
    "app.parts": "importlib.metadata",
    "app.updates.announcement": "nacl",
    "app.markdown.highlight": "pygments",
    "app.markdown.render": "markdown app.markdown",
    "app.ui.drawings": "PySide6.QtSvg",
    "app.ui.icons": "PySide6.QtSvg",
    "app.ui.motion": "jeepney",
    "app.ui.model_choice": "app.ui.model_picker",
    "app.ui.settings.door": SHEETS,
    "app.ui.instance": "PySide6.QtNetwork",
    "app.ui.recording_look": "PySide6.QtMultimedia",
    "app.ui.screenshot.portal": "jeepney",
    "app.ui.screenshot.windows": "PySide6.QtMultimedia",
    "app.tex": "resource ziamath",
    "app.ui.transcript.formulas": "PySide6.QtSvg",
    "app.ui.addresses": "app.ui.address_dialog",
    "app.ui.chip_viewing": "app.ui.viewing.viewer",
    "app.ui.transcript.gallery": "app.ui.viewing.viewer",
    "app.ui.viewing.exhibit": "app.attachments",
    "app.ui.viewing.panes": PANES,
}
# What may be imported late at all.
HEAVY = [
    *"app.attachments app.cli.attaching app.cli.drawing app.ui app.assembly.attach_room".split(),
    *"app.providers.download app.providers.small_file app.providers.gemini_files".split(),
    *"app.cli app.main httpx ssl truststore certifi keyring jeepney pygments ziamath".split(),
    *"markdown app.markdown app.loop app.ui.furnishing app.ui.transcript.view".split(),
    *"app.assembly app.engine app.ui.theme importlib.metadata".split(),
    *"app.updates app.house".split(),
    *SHEETS.split(),
    "app.ui.model_picker",
    *"app.selftest app.tex app.ui.transcript.formulas resource nacl".split(),
    *"PySide6.QtMultimedia PySide6.QtPrintSupport app.ui.export".split(),
    *"PySide6.QtNetwork PySide6.QtSvg PIL pi_heif pypdfium2 charset_normalizer".split(),
    *DIALECTS.split(),
    PROBES,
    *"app.ui.viewing.viewer app.ui.address_dialog".split(),
    *PANES.split(),
]
# What the first window, and every module but the dialects, does without.
LATER = (
    "httpx keyring pygments ziamath markdown truststore qasync PIL pypdfium2 cryptography nacl "
    "importlib.metadata".split()
)

FILE_LINES, FUNCTION_LINES, CLASS_METHODS, OWN_IMPORTS = 500, 60, 25, 12
ROOTS_OWN_IMPORTS = 25
# Place -> (what it may be, why).
LARGER: dict[str, tuple[int, str]] = {}

# `except Exception` stands at boundaries to code that raises anything. Place::function -> why.
CATCH_ALL: dict[str, str] = {
    "app/attachments/pdf.py::_document": "PDFium raises anything for a broken file",
    "app/attachments/pictures.py::_decoding": "decoders raise anything for a broken picture",
    "app/keyrings.py::_plain_words": "the back-ends of the keyring library raise anything",
    "app/selftest/__init__.py::_tried": "it is asked what a package lacks, which can be anything",
    "app/tasks.py::guarded": "a bug of a listener goes to sys.excepthook and stops nobody else",
    "app/tex.py::draw": "ziamath raises anything for TeX that it cannot read",
}
ASYNC_GENERATORS: dict[str, str] = {}


# --- Who may know whom


def test_every_import_goes_downward() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            if module.room not in MAY_IMPORT.keys() | FREE:
                yield f"{module.place}: a new room; add its row to MAY_IMPORT"
                continue
            below = set() if module.room in FREE else FREE | set(MAY_IMPORT[module.room].split())
            allowed = below | {module.room, "i18n"}
            for found in module.imports:
                own = owner(found.target, NAMES)
                room = next(m.room for m in MODULES if m.name == own) if own else module.room
                if room not in allowed:
                    yield f"{module.place}:{found.line}: {module.room} imports {own}"

    fail_on(wrong(), "A room imports what lies above or beside it (see MAY_IMPORT):")


def test_no_provider_knows_another() -> None:
    dialects = {f"app.providers.{name}" for name in ("openai", "gemini", "demo")}
    fail_on(
        (
            f"{module.place}:{found.line}: imports {found.target}"
            for module in MODULES
            if module.name in dialects
            for found in module.imports
            if owner(found.target, NAMES) in dialects - {module.name}
        ),
        "A wire dialect stays in its own file:",
    )


def test_there_is_no_import_cycle() -> None:
    edges = {
        module.name: {
            own
            for found in module.imports
            if not found.typing and (own := owner(found.target, NAMES)) and own != module.name
        }
        for module in MODULES
    }
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name in path:
            yield " -> ".join((*path[path.index(name) :], name))
        elif name not in done:
            for following in sorted(edges[name]):
                yield from walk(following, (*path, name))
            done.add(name)

    fail_on([cycle for name in sorted(edges) for cycle in walk(name, ())], "Import cycles:")


def test_libraries_are_named_in_their_rooms_only() -> None:
    fail_on(
        (
            f"{module.place}:{found.line}: {module.room} names {library}"
            for module in MODULES
            for found in module.imports
            if (library := found.target.split(".")[0]) in MAY_NAME
            and module.room not in MAY_NAME[library].split()
        ),
        "A library is named outside its rooms (see MAY_NAME):",
    )


def test_domain_and_markdown_know_no_clock_and_no_file() -> None:
    fail_on(
        (
            f"{module.place}:{found.line}: imports {found.target}"
            for module in MODULES
            if module.room in ("domain", "markdown")
            for found in module.imports
            if found.target.split(".")[0] in CLOCKS_AND_FILES
        ),
        "Time, ids and files come in as arguments:",
    )


def test_domain_needs_the_standard_library_only() -> None:
    fail_on(
        (
            f"{module.place}:{found.line}: imports {found.target}"
            for module in MODULES
            if module.room == "domain"
            for found in module.imports
            if found.target.split(".")[0] not in sys.stdlib_module_names | {"app"}
        ),
        "The domain is plain Python:",
    )


# --- Imports within functions


def test_late_imports_stand_in_the_table() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            for found in module.imports:
                if not found.late or found.typing:
                    continue
                names = {name for name in HEAVY if f"{found.target}.".startswith(f"{name}.")}
                if not names & set(LATE.get(module.name, "").split()):
                    yield f"{module.place}:{found.line}: imports {found.target} within a function"

    fail_on(wrong(), "An import within a function that is not in LATE:")


def test_the_table_of_late_imports_is_used() -> None:
    late = {
        (module.name, name)
        for module in MODULES
        for found in module.imports
        for name in HEAVY
        if found.late and f"{found.target}.".startswith(f"{name}.")
    }
    rows = {(module, name) for module, names in LATE.items() for name in names.split()}
    fail_on([f"{module}: {name}" for module, name in rows - late], "LATE has rows without use:")


# --- Signals, async, exceptions, state


def test_signals_are_declared_in_ui_only() -> None:
    fail_on(
        (
            module.at(node)
            for module in MODULES
            if module.room != "ui"
            for node in module.nodes(ast.Call)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Signal")
        ),
        "A signal outside ui; chat and library call plain callbacks:",
    )


def test_async_lives_below_the_widgets() -> None:
    kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    fail_on(
        (
            f"{module.at(node)}: {type(node).__name__}"
            for module in MODULES
            if module.room not in ASYNC_ROOMS
            for node in module.nodes(*kinds)
        ),
        "Async outside its rooms; widgets call ordinary methods and draw state:",
    )


def test_one_async_generator_deep() -> None:
    def own_yields(node: ast.AST) -> bool:
        return any(
            isinstance(child, ast.Yield | ast.YieldFrom)
            or (not isinstance(child, Function | ast.Lambda) and own_yields(child))
            for child in ast.iter_child_nodes(node)
        )

    fail_on(
        (
            f"{module.at(node)}: {node.name}"
            for module in MODULES
            for node in module.functions()
            if isinstance(node, ast.AsyncFunctionDef) and own_yields(node)
            if not (module.room == "providers" and node.name == "stream")
            if f"{module.place}::{node.name}" not in ASYNC_GENERATORS
        ),
        "Only Provider.stream is an async generator (see ASYNC_GENERATORS):",
    )


def catch_alls(module: Module) -> Iterator[tuple[str, int]]:
    """Where everything is caught: `place::function` and line."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            within = child.name if isinstance(child, Function) else function
            if isinstance(child, ast.ExceptHandler):
                names = ast.unparse(child.type) if child.type else "BaseException"
                again = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(child))
                if re.search(r"\b(Base)?Exception\b", names) and not again:
                    yield f"{module.place}::{within}", child.lineno
            elif isinstance(child, ast.Call) and re.search(
                r"suppress\(.*\b(Base)?Exception\b", ast.unparse(child)
            ):
                yield f"{module.place}::{within}", child.lineno
            yield from walk(child, within)

    yield from walk(module.tree, "")


def test_everything_is_caught_only_at_the_listed_boundaries() -> None:
    found = [hit for module in MODULES for hit in catch_alls(module)]
    fail_on(
        [f"{place} line {line}" for place, line in found if place not in CATCH_ALL],
        "`except Exception` outside CATCH_ALL; an expected failure is named:",
    )
    unused = CATCH_ALL.keys() - {place for place, _ in found}
    fail_on([*unused], "CATCH_ALL has rows without use:")


MUTATORS = set(
    "append extend insert add update pop popitem remove discard clear setdefault sort".split()
)


def module_names(module: Module) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a module gives values to, outside functions and classes."""
    for node in module.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        for name in [name for target in targets for name in ast.walk(target)]:
            if isinstance(name, ast.Name) and isinstance(node, ast.Assign):
                yield name.id, node.value
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value


def changed_name(node: ast.AST) -> str | None:
    """The name whose content `node` changes: NAME.append(...), NAME[...] = ..., del NAME[...]."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        held = node.func.value if node.func.attr in MUTATORS else None
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        held = node.value
    else:
        held = None
    return held.id if isinstance(held, ast.Name) else None


def test_no_module_holds_state() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            yield from (f"{module.at(node)}: global" for node in module.nodes(ast.Global))
            constants = set()
            for name, value in module_names(module):
                if re.fullmatch(r"_?[A-Z]\w*|__\w+__", name):
                    constants.add(name)
                elif value is not None and not isinstance(value, ast.Constant):
                    yield f"{module.at(value)}: {name} is not named as a constant"
            for node in module.nodes(ast.Call, ast.Subscript):
                if changed_name(node) in constants:
                    yield f"{module.at(node)}: {changed_name(node)} is changed"

    fail_on(wrong(), "State that belongs to a module; give it to an object:")


# --- Ceilings


def too_large(place: str, size: int, ceiling: int, what: str) -> Iterator[str]:
    allowed, _ = LARGER.get(place, (ceiling, ""))
    if size > allowed:
        yield f"{place}: {size} {what}, and {allowed} is the ceiling"


def test_ceilings() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            lines = module.source.count("\n")
            yield from too_large(module.place, lines, FILE_LINES, "lines")
            for function in module.functions():
                lines = (function.end_lineno or 0) - function.lineno + 1
                place = f"{module.place}::{function.name}"
                yield from too_large(place, lines, FUNCTION_LINES, "lines")
            for node in module.nodes(ast.ClassDef):
                assert isinstance(node, ast.ClassDef)
                methods = [f.name for f in node.body if isinstance(f, Function)]
                own = [name for name in methods if name == name.lower()]  # others override Qt's
                place = f"{module.place}::{node.name}"
                yield from too_large(place, len(own), CLASS_METHODS, "methods")

    fail_on(wrong(), "Too large; look for the missing noun:")


def test_no_module_imports_half_the_program() -> None:
    def wrong() -> Iterator[str]:
        for module in MODULES:
            own = {owner(found.target, NAMES) for found in module.imports} - {None, module.name}
            root = module.room in ("engine", "assembly", "main")
            ceiling = ROOTS_OWN_IMPORTS if root else OWN_IMPORTS
            yield from too_large(f"{module.place}::imports", len(own), ceiling, "own modules")

    fail_on(wrong(), "Too many own modules imported:")


# --- What a start costs


FIRST_WINDOW = """
import os, pathlib, sys
from app import engine, main
from PySide6.QtWidgets import QApplication
from app.ui.theme import Theme

application = QApplication([])
built = engine.build(pathlib.Path(os.environ["LINNET_HOME"]))
built.open()
theme = Theme(built.config.settings.palette, built.config.settings.text_px)
theme.install(application)
window = main.build(built, theme)
window.show()
application.processEvents()
assert window.isVisible()
print(*sorted(name for name in sys.argv[1:] if name in sys.modules), flush=True)
os._exit(0)  # the end of the program has tests of its own
"""
ASK = """
import sys
from app.__main__ import main

status = main(["ask", "Hello", "--service", "demo"])
print(*(name for name in sys.modules if name.startswith(("PySide6", "shiboken6"))), file=sys.stderr)
sys.exit(status)
"""


def run_python(code: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LINNET_HOME": str(home)}
    words = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )


def test_the_first_window_loads_nothing_heavy(tmp_path: Path) -> None:
    assert run_python(FIRST_WINDOW, tmp_path, *LATER).stdout.strip() == ""


def test_the_terminal_loads_no_qt(tmp_path: Path) -> None:
    done = run_python(ASK, tmp_path)
    assert "PySide6" not in done.stderr
    assert done.stdout.strip()
