"""``python -m scriptbot.locale`` (``make locale``): bring the catalogues up to date with the code.

Messages are the English sentences that the code addresses to people: the first two arguments of every error, hints and
warnings, the help of options and commands, the answers of commands, and the lines of views.  A value within a sentence
becomes ``{0}``, ``{1}``…  The messages are found in the source, even behind variables and functions of the same module,
written to ``messages.json``, and merged into the ``.po`` files; these are compiled to the ``.mo`` files that the
program reads.  The exit code is 1 if a translation is missing.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent
LANGUAGES = ("ja", "zh")
# Calls whose strings are shown to people, and which of their arguments those are: positions, or names of keywords.
_SPEAKING: dict[str, tuple[int | str, ...]] = {
    "Warned": (0, 1),
    "Failed": (0, 1),
    "Said": (0,),
    "Command": (2, "more", "instead"),
    "command": ("help",),
    "option": (1, "help"),
    "argument": ("help",),
    "say": (0,),
    "append": (0,),
    "print": (0,),
    "section": (0,),
    "_many": (1,),
    "mistake": (1,),
    "__init__": (0, 1),  # of an error with a sentence of its own
}
_TELLING = ("Error", "Text", "Failed")  # endings of the names of errors
_MODULES = {  # modules in which every string is shown to people
    "commands/inspecting.py",
    "ui/progress.py",
    "ui/view.py",
    "ui/repl.py",
    "ui/opening.py",
    "ui/configuration.py",
    "session/model_facts.py",
    "text/convert.py",
    "text/folder.py",
    "text/load.py",
    "text/text_file.py",
    "config.py",
    "text/decode.py",
    "text/formats/columns.py",
}
_WORDED = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(r"^[\w./:<>*=%+\-]*$")


# click's own messages; click looks them up in the catalogue that the program has set.
_CLICK = ("Usage:", "Options", "Show this message and exit.", "required")
_SHOWN = ("scriptbot train {0}{1}", "--me NAME")
_INNER = (
    *_SHOWN,
    "scenes called",
    "SCENE {0}",
    "speeches by",
    "scriptbot: {0}",
    *("Scene Heading", "New Act", "scriptbot {0}"),
)  # never shown, or shown as names, which are not translated
# Single words: the source has too many that nobody reads for them to be collected from it.
_WORDS = (
    *(", ", " and ", " or "),
    *("[anyone]", "[auto]"),
    *("once", "Stopped.", "Cast", "speeches", "anyone", "[detected]", "[required]"),
    *("character", "characters", "title page", "page break"),
    *("direction", "directions", "transition", "transitions", "lyrics", "section", "sections", "synopsis", "synopses"),
    *("note", "notes", "speech", "scene", "scenes"),
    *("{0} characters: {1}, …", "{0} bits/char", "Installed: {0}.", "too few", "too many"),
    # Messages of the XML parser about Final Draft files.
    *("no element found", "not well-formed (invalid token)", "unclosed token", "mismatched tag", "undefined entity"),
    *("junk after document element", "duplicate attribute", "unclosed CDATA section"),
    # Reasons that the operating system gives for errors.
    *("No such file or directory", "Permission denied", "Operation not permitted", "Is a directory", "Not a directory"),
    *("No space left on device", "Disk quota exceeded", "Read-only file system", "Input/output error", "Broken pipe"),
    *("File name too long", "Bad file descriptor", "Too many open files", "Too many levels of symbolic links"),
    # The figures and headings of “evaluate”.
    *("bits per character", "bits per character static", "word perplexity", "spelled bits share", "words", "static"),
    *("characters scored", "words, symbols and cues", "words and symbols"),
    "Where the static bits per character go, without the memory of the text so far",
    *("by kind", "by frequency", "by speaker", "pieces", "form", "word", "spelling", "share"),
    *("cues and other structure", "signs", "structure", "nobody", "somebody else"),
    *("rare words, first time", "rare words, again", "new words, first time", "new words, again"),
    *("the {0} most frequent", "up to the {0}th", "other words of the softmax", "outside the softmax"),
)


def messages() -> dict[str, str]:
    """Every message, and the place where it is first found."""
    found: dict[str, str] = dict.fromkeys((*_CLICK, *_WORDS), "ui/language.py:0")
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("locale/") or name == "commands/__main__.py":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for message, line in _of_module(tree, name):
            found.setdefault(message, f"{name}:{line}")
    return found


def _of_module(tree: ast.Module, name: str) -> Iterator[tuple[str, int]]:
    docstrings = {id(node) for node in _docstrings(tree)}
    if name in _MODULES:
        yield from _strings(tree, docstrings)
    for node, scopes in _within(tree, (tree,)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            wanted = _SPEAKING.get(called, (0, 1) if called.endswith(_TELLING) else ())
            parts = [node.args[place] for place in wanted if isinstance(place, int) and place < len(node.args)]
            parts += [keyword.value for keyword in node.keywords if keyword.arg in wanted]
            for part in parts:
                if called == "Command" and isinstance(part, ast.Constant):  # a single word is a message here
                    yield str(part.value), part.lineno
                for source in _sources(part, scopes, set()):
                    yield from _strings(source, docstrings)
        elif isinstance(node, ast.Yield) and node.value and name.startswith("commands/"):
            if not isinstance(node.value, ast.Call):  # a line of what a command answers
                yield from _strings(node.value, docstrings)
        elif isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(mark) for mark in node.decorator_list):
            text = ast.get_docstring(node)
            for paragraph in (text or "").split("\n\n"):
                plain = " ".join(paragraph.replace("\b", "").split())
                if plain:
                    yield plain, node.lineno


def _within(node: ast.AST, scopes: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    """The nodes below a node, each with the module and the functions that contain it."""
    for child in ast.iter_child_nodes(node):
        inner = (*scopes, child) if isinstance(child, ast.FunctionDef) else scopes
        yield child, inner
        yield from _within(child, inner)


def _sources(said: ast.AST, scopes: tuple[ast.AST, ...], seen: set[ast.AST]) -> Iterator[ast.AST]:
    """A node that is shown to people, and the nodes that variables and functions of the module in it stand for."""
    if said in seen:
        return
    seen.add(said)
    yield said
    for part in _texts(said):
        if isinstance(part, ast.Name):
            values = next(filter(None, (_assigned(scope, part.id) for scope in reversed(scopes))), [])
            for value in values:
                yield from _sources(value, scopes, seen)
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            for function in scopes[0].body if isinstance(scopes[0], ast.Module) else ():
                if isinstance(function, ast.FunctionDef) and function.name == part.func.id:
                    for node in ast.walk(function):
                        if isinstance(node, ast.Return) and node.value:
                            yield from _sources(node.value, (scopes[0], function), seen)


def _texts(node: ast.AST) -> Iterator[ast.AST]:
    """The variables and calls that a text is composed of, without those in conditions or in arguments."""
    parts: list[ast.AST]
    match node:
        case ast.Call(func=ast.Attribute(attr="join"), args=[joined]):
            yield from (part for part in ast.walk(joined) if isinstance(part, ast.Name | ast.Call))
            return
        case ast.Name() | ast.Call():
            yield node
            return
        case ast.JoinedStr(values=values) | ast.BoolOp(values=values):
            parts = [*values]
        case ast.FormattedValue(value=value):
            parts = [value]
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [left, right]
        case _:
            parts = []
    for part in parts:
        yield from _texts(part)


def _assigned(scope: ast.AST, name: str) -> list[ast.AST]:
    """The values that are assigned to a variable of a module or function."""
    nodes = ast.walk(scope) if isinstance(scope, ast.FunctionDef) else ast.iter_child_nodes(scope)
    values: list[ast.AST] = []
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = [*zip(target.elts, node.value.elts, strict=False)]
                else:
                    pairs = [(target, node.value)]
                values += [value for one, value in pairs if isinstance(one, ast.Name) and one.id == name]
        elif (
            isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr)
            and isinstance(node.target, ast.Name)
            and node.target.id == name
            and node.value
        ):
            values.append(node.value)
    return values


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            yield body[0].value


def _strings(tree: ast.AST, docstrings: set[int]) -> Iterator[tuple[str, int]]:
    """The strings below a node; those within the braces of an f-string are messages of their own."""
    if isinstance(tree, ast.JoinedStr):
        text, values = "", 0
        for part in tree.values:
            if isinstance(part, ast.Constant):
                text += str(part.value).replace("{", "{{").replace("}", "}}")
            else:
                text += f"{{{values}}}"
                values += 1
                yield from _strings(part, docstrings)
        yield from _message(text, tree)
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str) and id(tree) not in docstrings:
        yield from _message(tree.value.replace("{", "{{").replace("}", "}}"), tree)
    for child in ast.iter_child_nodes(tree):
        yield from _strings(child, docstrings)


def _message(text: str, node: ast.AST) -> Iterator[tuple[str, int]]:
    for line in re.split(r"\n|\s{2,}", text):  # each column of a table is translated by itself
        places = iter(range(10))
        words = re.sub(r"\{\d\}", lambda _: f"{{{next(places)}}}", line.strip())  # noqa: B023
        bare = re.sub(r"\{\d\}", "", words)
        said = " " in bare.strip() or (bare != words and re.search(r"(?:^|\s)[A-Za-z]{3,}[:.]?(?:\s|$)", bare))
        if _WORDED.search(bare) and not _CODE.match(words) and said and words not in _INNER:
            yield words, getattr(node, "lineno", 0)


def main() -> int:
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    found = messages()
    (HERE / "messages.json").write_text(json.dumps(sorted(found), ensure_ascii=False, indent=1) + "\n", "utf-8")
    missing = 0
    for language in LANGUAGES:
        folder = HERE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "scriptbot.po"
        catalog = Catalog(
            locale=language,
            project="scriptbot",
            header_comment=f"# scriptbot, {language}",
            charset="utf-8",
            fuzzy=False,
        )
        before = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.is_file() else Catalog(locale=language)
        for message, place in sorted(found.items()):
            old = before.get(message)
            file = place.partition(":")[0]
            catalog.add(message, old.string if old is not None else "", locations=[(file, 0)])
        empty = [message.id for message in catalog if message.id and not message.string]
        missing += len(empty)
        out = io.BytesIO()
        write_po(out, catalog, width=120, omit_header=False, sort_by_file=False, ignore_obsolete=True)
        text = re.sub(
            rb'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Project-Id|Report-Msgid|Language-Team)[^\n]*\n',
            b"",
            out.getvalue(),
        )
        path.write_bytes(text)
        compiled = io.BytesIO()
        same = read_po(io.BytesIO(text), locale=language)
        same.creation_date = datetime.fromtimestamp(0, timezone.utc)  # so that the same messages make the same file
        write_mo(compiled, same)
        path.with_suffix(".mo").write_bytes(compiled.getvalue())
        print(f"{language}: {len(found) - len(empty)} of {len(found)} messages", *empty, sep="\n  ")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
