"""Runs a Python file that a person named on the command line, and says in one sentence what went wrong in it, with the line.

Nothing else in Foretell executes a file. `load_task` never comes here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from .tasks import Task

FUNCTION = "task"


def run_task_file(path: Path) -> Task:
    """Execute the file, call its task(), and return what that returns."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"There is no file {path}: give the path of a Python file with a function {FUNCTION}().")
    module = _guarded(path, lambda: _execute(path))
    function = getattr(module, FUNCTION, None)
    if not callable(function):
        raise ValueError(f"{path.name} has no function {FUNCTION}(): add def {FUNCTION}(): that returns explainers.make_task(...).")
    if any(
        p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in inspect.signature(function).parameters.values()
    ):
        raise ValueError(f"{FUNCTION}() in {path.name} must work without arguments: give its parameters default values.")
    task = _guarded(path, function)
    if not isinstance(task, Task):
        got = "nothing" if task is None else f"something of type {type(task).__name__}"
        raise ValueError(f"{FUNCTION}() in {path.name} returns {got}, not a task: end it with return explainers.make_task(...).")
    return task


def _execute(path: Path) -> ModuleType:
    """The file as a module. Its folder comes last on the search path: it can import its neighbours, and cannot shadow a library."""
    name = f"foretell_task_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    sys.modules[name] = module  # dataclasses and typing look modules up by name
    spec.loader.exec_module(module)
    return module


def _guarded(path: Path, function: Callable[[], Any]) -> Any:
    """What `function` returns. An error of the person's code becomes one sentence with the line where it happened."""
    try:
        return function()
    except SyntaxError as problem:
        file = Path(problem.filename or path).name
        raise ValueError(f"{file}, line {problem.lineno} is not valid Python: {problem.msg}.") from None
    except (Exception, SystemExit) as problem:
        raise ValueError(f"{described(problem, path)}.") from problem


def in_file(problem: BaseException, path: Path | None) -> list[traceback.FrameSummary]:
    """The places in a person's own file that an error passed through, the innermost last."""
    if path is None or path.suffix != ".py":
        return []
    return [f for f in traceback.extract_tb(problem.__traceback__) if Path(f.filename).resolve() == path.resolve()]


def described(problem: BaseException, path: Path | None = None) -> str:
    """ "mine.py stopped at line 12 with KeyError: 'age'": the innermost line of the person's own file, where it passed through it."""
    own = in_file(problem, path)
    said = " ".join(str(problem).split())[:200].rstrip(".")
    what = f"{type(problem).__name__}: {said}" if said else type(problem).__name__
    return f"{Path(own[-1].filename).name} stopped at line {own[-1].lineno} with {what}" if own else f"The code stopped with {what}"
