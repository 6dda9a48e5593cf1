"""Owns made-up GPUs: what nvidia-smi says of two, and the files of their driver."""

from pathlib import Path

import pytest

A, B = "GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f", "GPU-8f6d9c3e-5a0b-4c1d-9e2f-6b7a8c9d0e1f"

# nvidia-smi --query-gpu=index,uuid,name,memory.total,memory.used --format=csv,noheader,nounits
TWO_GPUS = """\
0, GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f, NVIDIA H100 80GB HBM3, 81559, 31522
1, GPU-8f6d9c3e-5a0b-4c1d-9e2f-6b7a8c9d0e1f, NVIDIA RTX 6000 Ada Generation, 49140, 4
"""
EQUAL_GPUS = """0, GPU-5c89852c, NVIDIA H100 80GB HBM3, 81559, 31522
1, GPU-8f6d9c3e, NVIDIA H100 80GB HBM3, 81559, 4"""


def driver(root: Path, **uuids: str) -> Path:
    """The files of a driver: place on the bus -> UUID. Every GPU may be used."""
    (root / "dev").mkdir(parents=True)
    for minor, (place, uuid) in enumerate(uuids.items()):
        (root / f"dev/nvidia{minor}").touch()
        folder = root / "proc/driver/nvidia/gpus" / f"0000:{place[1:]}:00.0"
        folder.mkdir(parents=True)
        text = f"Model: \t\t NVIDIA RTX\nIRQ:   \t\t 42\nGPU UUID: \t {uuid}\nBus Location: \t 0000:{place[1:]}:00.0\n"
        text += f"Device Minor: \t {minor}\n"
        (folder / "information").write_text(text)
    return root


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put an nvidia-smi of our own before all others on the PATH."""
    folder.mkdir(exist_ok=True)
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
