"""The command line of the library.

python -m explainers check PATH     try out a task folder or a Python file with task(); exit code 0 fine, 1 problems, 2 usage
python -m explainers schema         the JSON Schema of explanations
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

FINE, PROBLEMS, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m explainers", description="Foretell's library on the command line.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    check = commands.add_parser("check", help="try out a task: a folder with a task.toml, or a Python file with task(), which is executed")
    check.add_argument("path", metavar="PATH")
    commands.add_parser("schema", help="print the JSON Schema of explanations")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or shown the help
        return end.code if isinstance(end.code, int) else USAGE
    if given.command == "check":
        return _check(given.path)
    if given.command == "schema":
        return _schema()
    parser.print_help(sys.stderr)
    return USAGE


def _check(path: str) -> int:
    from .tasks import bundled_tasks

    if not Path(path).exists() and path not in bundled_tasks():
        print(f"{path} does not exist: give a task folder, or a Python file with a function task().", file=sys.stderr)
        return USAGE
    from .taskcheck import check

    return PROBLEMS if check(path) else FINE


def _schema() -> int:
    from .explanation import SCHEMA_PATH

    sys.stdout.write(SCHEMA_PATH.read_text(encoding="utf-8"))
    return FINE


if __name__ == "__main__":
    sys.exit(main())
