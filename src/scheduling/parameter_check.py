"""Refuses parameters that a task or flow does not take, before they are stored.

Names and types are read from the source: importing the tasks needs a broker's address, importing the flows
seconds.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from src.domain.edit import Refused
from src.domain.entry import Runner
from src.scheduling.catalog import nearest
from src.scheduling.entrypoints import ENTRYPOINTS, source_folder

Function = ast.FunctionDef | ast.AsyncFunctionDef

#: What Celery and the scheduler themselves give.
_NOT_THE_OPERATORS = {"self", "fire_id"}

#: The annotations that are checked; a value of any other is left to the flow.
_PLAIN = {"int": int, "float": float, "bool": bool, "str": str, "list": list, "dict": dict}


def check_accepted(runner: str, target: str, parameters: Mapping[str, Any]) -> None:
    """Raise Refused naming a parameter that `target` does not take, by name or by type.

    An unknown target is left alone. Types are judged as they are at run time: Prefect converts as pydantic
    does ("2" is an int), a Celery task is given what is stored.
    """
    known = names_of(runner, target)
    wrong = [] if known is None else sorted(parameters.keys() - known)
    if known is not None and wrong:
        takes = f"for example {{{min(known)!r}: …}}" if known else "it takes none"
        raise Refused("parameters", f"{target} takes no {wrong[0]!r}{nearest(wrong[0], known)}; {takes}")
    for function in _functions_of(runner, target):
        for argument, default in _arguments(function):
            if argument.arg in parameters:
                _check_type(target, argument, default, parameters[argument.arg], runner)


def names_of(runner: str, target: str) -> Collection[str] | None:
    """Return the names that a task or a deployment's flow takes; None where they cannot be told."""
    for function in _functions_of(runner, target):
        if function.args.kwarg is not None:
            return None
        return {argument.arg for argument, _ in _arguments(function)} - _NOT_THE_OPERATORS
    return None


def _check_type(target: str, argument: ast.arg, default: ast.expr | None, value: Any, runner: str) -> None:
    if argument.annotation is None:
        return
    wanted = _type_of(argument.annotation)
    try:
        TypeAdapter(wanted).validate_python(value, strict=runner == Runner.CELERY)
    except ValidationError:
        must = ast.unparse(argument.annotation)
        problem = f"{target}: {argument.arg} must be {must}, got {_short(value)}"
        raise Refused("parameters", problem + _example(argument.arg, default)) from None


def _example(name: str, default: ast.expr | None) -> str:
    if isinstance(default, ast.Constant) and default.value is not None:
        return f"; for example {{{name!r}: {default.value!r}}}"
    return ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _type_of(annotation: ast.expr) -> Any:
    """Return the type that an annotation names; Any where it is no plain type, list, dict or union."""
    match annotation:
        case ast.Name(id=name):
            return _PLAIN.get(name, Any)
        case ast.Constant(value=None):
            return None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([_type_of(left), _type_of(right)])
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return list[_type_of(item)]  # type: ignore[misc]
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, item])):
            return dict[_type_of(key), _type_of(item)]  # type: ignore[misc]
    return Any


def _union(members: list[Any]) -> Any:
    if Any in members:
        return Any
    return reduce(or_, (type(None) if member is None else member for member in members))


def _arguments(function: Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Yield the arguments of a function with their defaults."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    bare = len(positional) - len(given.defaults)
    yield from zip(positional, [*([None] * bare), *given.defaults], strict=True)
    yield from zip(given.kwonlyargs, given.kw_defaults, strict=True)


def _functions_of(runner: str, target: str) -> Iterator[Function]:
    return _flow(target) if runner == Runner.PREFECT else _tasks(target)


def _flow(deployment: str) -> Iterator[Function]:
    if deployment in ENTRYPOINTS:
        file, _, name = ENTRYPOINTS[deployment].partition(":")
        yield from (function for function in _functions(source_folder() / file) if function.name == name)


def _tasks(task: str) -> Iterator[Function]:
    for file in sorted((source_folder() / "src" / "tasks").glob("*.py")):
        for function in _functions(file):
            if task in _task_names(function):
                yield function


def _functions(file: Path) -> Iterator[Function]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, Function):
            yield node


def _task_names(function: Function) -> Iterator[str]:
    """Yield the names under which `@app.task(name=…)` registers a function."""
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)
