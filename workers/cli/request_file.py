"""A request as a command line gives it: in a file, or on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from tasks.declaration import Declaration
from workers.cli.failure import CommandMisused
from workers.failure import field_problems

RequestFile = Annotated[
    str, typer.Argument(metavar="REQUEST", help="A JSON file, or - for standard input.")
]


def request_in(file: str, declaration: Declaration) -> Any:
    """Give the request as JSON. The fleet checks it again; here it fails sooner."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text()
    except OSError as error:
        raise CommandMisused(f"{file}: expected a JSON file ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise CommandMisused(f"{file}: expected a JSON file ({error})") from error
    source = "standard input" if file == "-" else file
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CommandMisused(f"{source}: expected JSON ({error})") from error
    try:
        declaration.request.model_validate_json(text)
    except ValidationError as error:
        problems = [
            f"  {each.field}: expected {each.expected}, received {each.received}"
            for each in field_problems(error)
        ]
        raise CommandMisused(
            "\n".join([f"{source} is not a request of {declaration.name}:", *problems])
        ) from error
    return document
