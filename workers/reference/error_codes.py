"""The codes a job may end with, and what each means."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise

from queues.job_error import Code, Remedy
from queues.names import Queue
from tasks.declaration import Declaration
from workers.reference.markdown import table


def error_table() -> str:
    """Give every code with its remedy and its meaning, as a table."""
    meanings = code_meanings()
    return table(
        ("code", "remedy", "meaning"),
        ((f"`{code}`", f"`{code.remedy}`", meanings[code]) for code in Code),
    )


def task_errors(declaration: Declaration) -> str:
    """Give the codes a job of this task may end with, by remedy, as a table."""
    impossible = {Code.UNKNOWN_TASK}
    if {declaration.queue, *declaration.also_on} == set(Queue):
        impossible.add(Code.WRONG_QUEUE)
    codes = [code for code in Code if code not in impossible]
    return table(
        ("remedy", "codes"),
        (
            (f"`{remedy}`", ", ".join(f"`{code}`" for code in codes if code.remedy is remedy))
            for remedy in Remedy
        ),
    )


def code_meanings() -> dict[Code, str]:
    """Read the docstrings below the members of `Code`, which Python itself does not keep."""
    (enumeration,) = ast.parse(inspect.getsource(Code)).body
    meanings = {}
    for member, docstring in pairwise(ast.iter_child_nodes(enumeration)):
        match member, docstring:
            case (
                ast.Assign(value=ast.Constant(value=str(code))),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                meanings[Code(code)] = " ".join(meaning.split())
    return meanings
