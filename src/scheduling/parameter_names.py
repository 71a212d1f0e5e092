"""Refuses parameters that a task or flow does not take, before they are stored.

Names are read from the source: importing the tasks needs a broker's address, importing the flows seconds.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from src.domain.edit import Refused
from src.domain.entry import Runner
from src.scheduling.catalog import nearest
from src.scheduling.entrypoints import ENTRYPOINTS, source_folder

#: What Celery and the scheduler themselves give.
_NOT_THE_OPERATORS = {"self", "fire_id"}


def check_names(runner: str, target: str, parameters: Mapping[str, Any]) -> None:
    """Raise Refused naming a parameter that `target` does not take; an unknown target is left alone."""
    known = names_of(runner, target)
    wrong = [] if known is None else sorted(parameters.keys() - known)
    if known is not None and wrong:
        takes = f"for example {{{min(known)!r}: …}}" if known else "it takes none"
        raise Refused("parameters", f"{target} takes no {wrong[0]!r}{nearest(wrong[0], known)}; {takes}")


def names_of(runner: str, target: str) -> Collection[str] | None:
    """Return the names that a task or a deployment's flow takes; None where they cannot be told."""
    candidates = _flow(target) if runner == Runner.PREFECT else _tasks(target)
    for function in candidates:
        if function.args.kwarg is not None:
            return None
        arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
        return {argument.arg for argument in arguments} - _NOT_THE_OPERATORS
    return None


def _flow(deployment: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    if deployment in ENTRYPOINTS:
        file, _, name = ENTRYPOINTS[deployment].partition(":")
        yield from (function for function in _functions(source_folder() / file) if function.name == name)


def _tasks(task: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for file in sorted((source_folder() / "src" / "tasks").glob("*.py")):
        for function in _functions(file):
            if task in _task_names(function):
                yield function


def _functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _task_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the names under which `@app.task(name=…)` registers a function."""
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)
