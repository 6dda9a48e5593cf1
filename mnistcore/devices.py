"""Owns the choice of device and all that differs between CUDA, MPS and CPU; imports torch in functions."""

import gc
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcore import device_memory, processes
from mnistcore.errors import DeviceError, DeviceMissingError
from mnistcore.libraries import importing

if TYPE_CHECKING:
    import torch


def pick_device(name: str = "auto") -> "torch.device":
    """The device called ``name``; ``"auto"`` is the first GPU, else Apple's, else the CPU.

    Raises:
        DeviceMissingError: there is no such device here; the message names those that are there.
        LibraryError: torch cannot be loaded.
    """
    with importing("torch"):
        import torch

    there = device_names()
    chosen = there[0] if name == "auto" else "cuda:0" if name == "cuda" else name
    if chosen not in there:
        raise DeviceMissingError(f"device {name!r} is not here: expected one of auto, {', '.join(there)}")
    return torch.device(chosen)


def device_names() -> tuple[str, ...]:
    """Names of the devices that are here, the fastest first; the last is always ``"cpu"``."""
    with importing("torch"):
        import torch

    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        names.append("mps")
    return (*names, "cpu")


def guess_name(name: str) -> str:
    """What ``pick_device(name)`` will be called, found out without torch: to queue for it, not to compute on it."""
    if name == "auto":
        driver = Path("/dev/nvidiactl").exists() or Path("/proc/driver/nvidia/version").exists()
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1")
        if driver and not hidden and not _torch_is_for_cpus():
            return "cuda:0"
        return "mps" if device_memory.has_apple_gpu() else "cpu"
    return "cuda:0" if name == "cuda" else name


def _torch_is_for_cpus() -> bool:
    """Whether the torch that is installed was built without CUDA, as those from the index "cpu" are."""
    try:
        return metadata.version("torch").endswith("+cpu")
    except metadata.PackageNotFoundError:
        return False


def held_bytes(name: str) -> int | None:
    """What this process holds of a device's memory, of the machine's on the CPU; None where it cannot be told.

    Loads no torch: before it is loaded, nothing is held. A CUDA context's own some hundred MB are not counted.
    """
    if name.startswith("cuda"):
        torch = sys.modules.get("torch")
        return 0 if torch is None or not torch.cuda.is_initialized() else int(torch.cuda.memory_reserved(name))
    return processes.memory_bytes(os.getpid())


def release_memory(device: "torch.device | str | None" = None) -> None:
    """Give back to the system what torch keeps for later on ``device``; tensors still referred to stay.

    Args:
        device: None for every device that this process has used; no torch is loaded to find out.
    """
    gc.collect()
    if device is not None:
        empty_cache(device)
    elif (torch := sys.modules.get("torch")) is not None:
        if torch.cuda.is_initialized():
            for index in range(torch.cuda.device_count()):
                empty_cache(f"cuda:{index}")
        if torch.backends.mps.is_available():
            empty_cache("mps")


def empty_cache(device: "torch.device | str") -> None:
    """As `release_memory`, without looking for tensors that nothing refers to but each other: quicker."""
    import torch

    device = torch.device(device)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def compute_dtype(device: "torch.device | str") -> "torch.dtype":
    """The number type to multiply in: bfloat16 on GPUs and CPUs that have it in hardware, float32 elsewhere."""
    import torch

    device = torch.device(device)
    if device.type == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    if device.type != "cuda":
        return torch.float32
    # Compute capability 8 (Ampere) brought bfloat16; older GPUs emulate it, slower than float32.
    return torch.bfloat16 if torch.cuda.get_device_capability(device)[0] >= 8 else torch.float32


def _cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU multiplies bfloat16 itself (Intel since Cooper Lake, AMD since Zen 4)."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return False
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return bool({"avx512_bf16", "amx_bf16"}.intersection(flags))


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
    except RuntimeError as error:
        # Of the CPU's memory torch has no error of its own.
        if not isinstance(error, torch.OutOfMemoryError) and "not enough memory" not in str(error):
            raise
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


def _title(name: str) -> str:
    import torch

    kind = name.partition(":")[0]
    if kind == "cuda":
        return torch.cuda.get_device_name(torch.device(name))
    if kind == "mps":
        return "Apple GPU"
    return device_memory.cpu_title()
