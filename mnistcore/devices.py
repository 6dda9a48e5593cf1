"""Owns the choice of device and all that differs between CUDA, MPS and CPU; imports torch in functions."""

import gc
import os
import platform
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcore.errors import DeviceError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device that is here. Bytes are of its whole memory, used by all programs, and None where unknown."""

    name: str  # what pick_device takes
    kind: str  # "cuda", "mps" or "cpu"
    title: str  # the maker's name
    total_bytes: int | None
    used_bytes: int | None


def pick_device(name: str = "auto") -> "torch.device":
    """The device called ``name``; ``"auto"`` is the first GPU, else Apple's, else the CPU.

    Raises:
        DeviceError: there is no such device here; the message names those that are there.
    """
    import torch

    there = device_names()
    chosen = there[0] if name == "auto" else "cuda:0" if name == "cuda" else name
    if chosen not in there:
        raise DeviceError(f"device {name!r} is not here: expected one of auto, {', '.join(there)}")
    return torch.device(chosen)


def device_names() -> tuple[str, ...]:
    """Names of the devices that are here, the fastest first; the last is always ``"cpu"``."""
    import torch

    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        names.append("mps")
    return (*names, "cpu")


def describe_devices() -> tuple[DeviceInfo, ...]:
    """Every device that is here, with its memory.

    Asking a CUDA device takes some hundred MB of that memory itself, until the process ends.
    """
    return tuple(_describe(name) for name in device_names())


def release_memory(device: "torch.device | str") -> None:
    """Give back to the system what torch keeps for later on ``device``; tensors still referred to stay."""
    import torch

    gc.collect()
    device = torch.device(device)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def compute_dtype(device: "torch.device | str") -> "torch.dtype":
    """The number type to multiply in: bfloat16 on GPUs that have it in hardware, float32 elsewhere."""
    import torch

    device = torch.device(device)
    if device.type != "cuda":
        return torch.float32
    # Compute capability 8 (Ampere) brought bfloat16; older GPUs emulate it, slower than float32.
    return torch.bfloat16 if torch.cuda.get_device_capability(device)[0] >= 8 else torch.float32


def autocast(device: "torch.device | str") -> AbstractContextManager[object]:
    """Context in which a forward pass computes in ``compute_dtype(device)``."""
    import torch

    dtype = compute_dtype(device)
    if dtype == torch.float32:
        return nullcontext()
    return torch.autocast(torch.device(device).type, dtype=dtype)


def memory_format(device: "torch.device | str") -> "torch.memory_format":
    """Order of an image batch in memory: channels last where convolutions are faster with it."""
    import torch

    return torch.contiguous_format if torch.device(device).type == "mps" else torch.channels_last


@contextmanager
def memory_guard(device: "torch.device | str") -> Iterator[None]:
    """Turn torch's out-of-memory error into a ``DeviceError`` that says what to do."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        release_memory(device)
        raise DeviceError(
            f"{device} has no memory left: expected room for the model and a batch. Close what else uses it "
            "(other notebooks, other trainings), take a smaller batch size, or use the device cpu"
        ) from error


def environment(device: "torch.device | str") -> dict[str, str | int]:
    """Where a result was made: versions, platform, device, and the number of CPU threads torch uses."""
    import torch

    device = torch.device(device)
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "platform": platform.platform(),
        "device": str(device),
        "device_name": _title(str(device)),
        "threads": torch.get_num_threads(),
    }


def _describe(name: str) -> DeviceInfo:
    import torch

    kind = name.partition(":")[0]
    total: int | None = None
    used: int | None = None
    if kind == "cuda":
        free, total = torch.cuda.mem_get_info(torch.device(name))
        used = total - free
    elif kind == "mps":
        total, used = torch.mps.recommended_max_memory(), torch.mps.driver_allocated_memory()
    else:
        total, used = _cpu_memory()
    return DeviceInfo(name=name, kind=kind, title=_title(name), total_bytes=total, used_bytes=used)


def _title(name: str) -> str:
    import torch

    kind = name.partition(":")[0]
    if kind == "cuda":
        return torch.cuda.get_device_name(torch.device(name))
    if kind == "mps":
        return "Apple GPU"
    return _cpu_title()


def _cpu_title(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    try:
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or platform.machine() or "CPU"


def _cpu_memory(meminfo: Path = Path("/proc/meminfo")) -> tuple[int | None, int | None]:
    """Total and used bytes; on systems without /proc only the total, or nothing."""
    try:
        sizes = dict(line.split(":", 1) for line in meminfo.read_text(encoding="ascii").splitlines())
        total, available = (int(sizes[key].split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))
        return total, total - available
    except (OSError, KeyError, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), None
    except (AttributeError, OSError, ValueError):
        return None, None
