"""Who is compared: a process that stays up, simulates when asked, and says what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "typescript"
_PEERS = Path(__file__).parent / "peers"

OURS = "riskfleet"
EXACTLY = "riskfleet, without trials"
TYPICAL = "typical TypeScript"
OPTIMISED = "optimised TypeScript"
ZIGGURAT = "the same with a ziggurat"
PYFAIR = "pyfair"
NUMPY = "NumPy"

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one simulation took [ms], and what it found."""

    cpu_ms: float
    """User and system time of the process, all its threads included."""
    wall_ms: float
    answer: dict[str, Any]


class Contender:
    """A process with one thread for arithmetic, from entering the context on."""

    def __init__(self, name: str, command: Sequence[str | Path]) -> None:
        self.name = name
        self._command = [str(part) for part in command]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=os.environ | dict.fromkeys(_THREADS, "1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, work: str, *, trials: int, seed: int) -> Measured:
        """Have it simulate, and wait for the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"work": work, "trials": trials, "seed": seed}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        given = json.loads(self._process.stdout.readline())
        return Measured(cpu_ms=given.pop("cpu_ms"), wall_ms=given.pop("wall_ms"), answer=given)

    def resident_bytes(self) -> int:
        """Give what it has in memory."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def forget_peak(self) -> None:
        """Let the peak begin anew. See proc_pid_clear_refs(5)."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def peak_resident_bytes(self) -> int:
        """Give the most it has had in memory since then."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10


def ours() -> Contender:
    """Give our own engines, that simulate."""
    return _python(OURS, "benchmarks.prism.engines")


def everybody(folder: Path, models: Path, marginals: Path) -> list[Contender]:
    """Give us and the peers; TypeScript is compiled into the folder by the client's compiler."""
    compiler = CLIENT / "node_modules" / ".bin" / "tsc"
    subprocess.run([compiler, "-p", _PEERS, "--outDir", folder], check=True)
    optimised = ("node", folder / "optimised.js", models)
    return [
        ours(),
        _python(EXACTLY, "benchmarks.prism.engines", "exactly"),
        _python(PYFAIR, "benchmarks.prism.peers.pyfair_product"),
        Contender(TYPICAL, ("node", folder / "typical.js", models)),
        Contender(OPTIMISED, optimised),
        Contender(ZIGGURAT, (*optimised, "ziggurat")),
        _python(NUMPY, "benchmarks.prism.peers.plain_numpy", marginals),
    ]


def _python(name: str, module: str, *arguments: str | Path) -> Contender:
    return Contender(name, (sys.executable, "-m", module, *arguments))
