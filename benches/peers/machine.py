"""What the numbers were measured on, and with."""

from __future__ import annotations

import importlib
import platform
import subprocess
import warnings
from pathlib import Path
from types import ModuleType

PEERS = ("numpy", "torch", "sklearn", "rbms")


def peer(name: str) -> ModuleType | None:
    """A library, if it is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


def version(name: str) -> str | None:
    """Of an installed library; what it says of itself may lag behind its package."""
    from importlib.metadata import PackageNotFoundError, version as installed

    try:
        return installed({"sklearn": "scikit-learn"}.get(name, name))
    except PackageNotFoundError:
        return None


def processor() -> tuple[str, str]:
    """Its name, and the widest instruction set of those that matter here."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        if platform.system() == "Darwin":
            name = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True).stdout
            return name.strip(), platform.machine()
        return platform.processor() or platform.machine(), platform.machine()
    fields = dict(line.split(":", 1) for line in text.split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    flags = fields.get("flags", "").split()
    widest = next((s for flag, s in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), platform.machine())
    family = f", family {fields['cpu family']} model {fields['model']}" if "cpu family" in fields else ""
    return fields.get("model name", platform.machine()) + family, widest


def describe(threads: int) -> dict:
    name, instruction_set = processor()
    torch = peer("torch")
    if torch is not None:
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
    return {
        "processor": name,
        "instruction_set": instruction_set,
        "threads": threads,
        "torch_num_threads": None if torch is None else torch.get_num_threads(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PEERS},
    }
