"""Owns the choice of device and all that differs between CUDA, MPS and CPU; imports torch in functions."""

import functools
import gc
import os
import platform
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcore import processes
from mnistcore.devices import device_memory
from mnistcore.errors import DeviceError, DeviceMissingError
from mnistcore.libraries import importing

if TYPE_CHECKING:
    import torch


class DeviceWarning(UserWarning):
    """Another device was taken than might be expected; the message says why and what to do."""


def pick_device(name: str = "auto", *, on_warning: Callable[[str], None] | None = None) -> "torch.device":
    """The device called ``name``; ``"auto"`` is a GPU, else Apple's, else the CPU.

    Of several GPUs it is the one that this process computes on already, else the one with most free memory.

    Args:
        name: ``auto``, ``cpu``, ``cuda`` (any GPU), ``cuda:0`` and so on, or ``mps``.
        on_warning: told why ``auto`` takes the CPU in a machine that has a GPU; a `DeviceWarning` if None.

    Raises:
        DeviceMissingError: there is no such device here; the message names those that are there.
        DeviceError: this torch cannot compute on it; the message says which can.
        LibraryError: torch cannot be loaded.
    """
    there = device_names()
    import torch

    if name not in ("auto", "cuda", *there) or (name == "cuda" and not there[0].startswith("cuda")):
        reason = f" ({why})" if name.startswith("cuda") and (why := _why_no_gpu()) else ""
        raise DeviceMissingError(f"device {name!r} is not here: expected one of auto, {', '.join(there)}{reason}")
    wanted = there if name == "auto" else [one for one in there if one == name or (name == "cuda" and one != "cpu")]
    lacks = {device: _lacks_kernels(device) if device.startswith("cuda") else None for device in wanted}
    usable = [device for device in wanted if lacks[device] is None]
    reasons = [lack for lack in lacks.values() if lack is not None]
    if not usable:
        raise DeviceError(reasons[0])
    if usable[0] == "cpu" and name == "auto" and (reason := reasons[0] if reasons else _why_no_gpu()):
        tell = on_warning or (lambda text: warnings.warn(text, DeviceWarning, stacklevel=4))
        tell(f"{reason}. Computing on the CPU")
    gpus = [device for device in usable if device.startswith("cuda")]
    return torch.device(_one_of(gpus)[0] if gpus else usable[0])


def can_use(name: str) -> bool:
    """Whether there is a device of that name, and this torch can compute on it."""
    return name in device_names() and not (name.startswith("cuda") and _lacks_kernels(name))


def _one_of(gpus: list[str]) -> tuple[str, str]:
    """Which of these GPUs to compute on, and why in a few words; empty where there is but one.

    nvidia-smi is run only where there is a choice: CUDA itself would take some hundred MB on every GPU.
    """
    if len(gpus) == 1:
        return gpus[0], ""
    with suppress(RuntimeError):  # torch sees fewer of them
        if held_bytes(mine := max(gpus, key=lambda gpu: held_bytes(gpu) or 0)):
            return mine, "this process computes there already"
    free = device_memory.most_free(gpus, device_memory.survey())
    if free is None:
        return gpus[0], f"the first of {len(gpus)} GPUs: how full they are is not known"
    return free, f"it has most free memory of {len(gpus)} GPUs"


def _lacks_kernels(name: str) -> str | None:
    """Why this torch cannot compute on a GPU, in a sentence; None where it can.

    Machine code for compute capability X.Y runs on X.Z with Z >= Y, and PTX for X.Y on everything from X.Y on.
    Source: CUDA C++ programming guide, "Binary Compatibility" and "PTX Compatibility".
    """
    import torch

    built = torch.cuda.get_arch_list()
    with warnings.catch_warnings():  # torch's own words about such a GPU, many lines for each
        warnings.simplefilter("ignore")
        major, minor = torch.cuda.get_device_capability(name)
    kernels = [match.groups() for arch in built if (match := re.match(r"(sm|compute)_(\d+)(\d)", arch))]
    for kind, *digits in kernels:
        its_major, its_minor = map(int, digits)
        if kind == "sm" and its_major == major and its_minor <= minor:
            return None
        if kind == "compute" and (its_major, its_minor) <= (major, minor):
            return None
    if not kernels:  # another maker's GPU, say: nothing is known
        return None
    title, index = torch.cuda.get_device_name(name), "`make run TORCH_INDEX=https://download.pytorch.org/whl/cu"
    cure = (
        f"For GPUs before Turing (GTX 10xx, P100, V100) there is a torch that can: {index}126`"
        if (major, minor) < (7, 5)
        else f"A newer torch can: `make run`, or with a driver before 580 {index}128`"
    )
    return (
        f"{title} ({name}) has compute capability {major}.{minor}, and torch {torch.__version__} is built for "
        f"{', '.join(built)}: expected one of them. {cure}"
    )


def _why_no_gpu() -> str:
    """Why torch sees no GPU in a machine that has one, in a sentence; empty where there is nothing to wonder about."""
    import torch

    if torch.cuda.is_available() or not _has_driver():
        return ""
    chosen = device_memory.visible_devices()
    if chosen is not None and chosen.strip() in ("", "-1"):
        return ""
    if torch.version.cuda is None:
        return f"torch {torch.__version__} is built without CUDA: `make run TORCH_INDEX=...` installs another one"
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except Exception as error:  # its own words: a driver that is too old, a container without its GPU
        words = " ".join(str(error).split())
        if chosen is not None and _NOTHING_VISIBLE in words:
            return f"CUDA_VISIBLE_DEVICES={chosen} names no GPU that is here"
        return f"torch sees no GPU: {words}"
    return "torch sees no GPU, and does not say why"


_NOTHING_VISIBLE = "No CUDA GPUs are available"


def _has_driver() -> bool:
    return Path("/dev/nvidiactl").exists() or Path("/proc/driver/nvidia/version").exists()


def device_names() -> tuple[str, ...]:
    """Names of the devices that are here, GPUs in the order of the bus; the last is always ``"cpu"``."""
    with importing("torch"):
        import torch

    # One order for all who number GPUs: nvidia-smi's. CUDA itself would put the fastest first. Read when it starts.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    with warnings.catch_warnings():  # of a driver that is too old: it is reported where it matters, see `_why_no_gpu`
        warnings.simplefilter("ignore")
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = [f"cuda:{index}" for index in range(count)]
    if torch.backends.mps.is_available():
        names.append("mps")
    return (*names, "cpu")


def guess_name(name: str) -> str:
    """What ``pick_device(name)`` will be called, found out without torch: to queue for it, not to compute on it.

    Where there are several GPUs the first one stands for them; see `choose`.
    """
    if name == "auto":
        hidden = device_memory.visible_devices() in ("", "-1")
        if _has_driver() and not hidden and not _torch_is_for_cpus():
            return "cuda:0"
        return "mps" if device_memory.has_apple_gpu() else "cpu"
    return "cuda:0" if name == "cuda" else name


def choose(name: str, *, busy: Collection[str] = ()) -> tuple[str, str]:
    """As `guess_name`, but one of several GPUs is chosen, for which nvidia-smi is waited for.

    Args:
        busy: GPUs that are left out as long as there is another one.

    Returns:
        The device's name, and why it was chosen in a few words; empty where there was no choice.
    """
    guess = guess_name(name)
    gpus = [f"cuda:{index}" for index in range(len(device_memory.gpu_identities()))]
    if name not in ("auto", "cuda") or not guess.startswith("cuda") or len(gpus) < 2:
        return guess, ""
    chosen, why = _one_of([gpu for gpu in gpus if gpu not in busy] or gpus)
    return chosen, why or "the others are training already"


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
    """Release what torch keeps for later on ``device``; tensors still referred to stay.

    Args:
        device: None for every device that this process has used; no torch is loaded to find out.
    """
    gc.collect()
    for kind in ("cuda", "mps") if device is None else (str(device).partition(":")[0],):
        empty_cache(kind)


def empty_cache(kind: str) -> None:
    """As `release_memory`, without looking for tensors that nothing refers to but each other: quicker.

    Args:
        kind: ``cuda`` for every GPU that this process has used. None is entered for it: that would take some hundred
            MB on each that it has not used.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if kind == "cuda" and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    elif kind == "mps" and torch.backends.mps.is_available():
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


@functools.cache
def _cpu_has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU multiplies bfloat16 itself (Intel since Cooper Lake, AMD since Zen 4)."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return False
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return bool({"avx512_bf16", "amx_bf16"}.intersection(flags))


def autocast(device: "torch.device | str") -> AbstractContextManager[object]:
    """Context in which a forward pass computes in ``compute_dtype(device)``; made once, it can be entered often."""
    import torch

    device, dtype = torch.device(device), compute_dtype(device)
    if dtype == torch.float32:
        return nullcontext()
    # It asks the current GPU, which may be another one, whether it has bfloat16.
    with torch.cuda.device(device) if device.type == "cuda" else nullcontext():
        return torch.autocast(device.type, dtype=dtype)


def memory_format(device: "torch.device | str") -> "torch.memory_format":
    """Order of an image batch in memory: channels last where convolutions are faster with it."""
    import torch

    return torch.contiguous_format if torch.device(device).type == "mps" else torch.channels_last


_NO_MEMORY = ("out of memory", "not enough memory", "ALLOC_FAILED", "cudaErrorMemoryAllocation")
# What CUDA says of a GPU that cannot be used -> what that means.
_UNUSABLE = {
    "busy or unavailable": "another process has it for itself (compute mode EXCLUSIVE_PROCESS)",
    "no kernel image": "this torch is not built for it",
    "ECC error": "its memory is damaged; whoever looks after the server has to know",
    "unspecified launch failure": "a computation on it was broken off",
    "device-side assert": "a computation on it was broken off",
}


@contextmanager
def memory_guard(device: "torch.device | str") -> Iterator[None]:
    """Turn what torch raises of a device that is full, or fails, into a ``DeviceError`` that says what to do.

    An error of ours is passed on as it is; so does one of torch's that is about something else, shapes for example.
    """
    try:
        yield
    except RuntimeError as error:
        told = trouble(str(device), error)
        if told is None:
            raise
        with suppress(RuntimeError):  # of a device that fails
            release_memory(device)
        raise DeviceError(told) from error


def trouble(device: str, error: RuntimeError) -> str | None:
    """What an error of torch says of a device, in a sentence; None where it is about something else."""
    import torch

    words = " ".join(str(error).split())
    # Of the CPU's memory torch has no error of its own; of a GPU's it has none where cuBLAS, cuDNN or CUDA itself,
    # which makes its context with the first touch, find it full.
    if isinstance(error, torch.OutOfMemoryError) or any(full in words for full in _NO_MEMORY):
        return (
            f"{device} has no memory left: expected room for the model and a batch. Close what else uses it "
            "(other notebooks, other trainings), take a smaller batch size, or use the device cpu"
        )
    if not isinstance(error, torch.AcceleratorError) and not re.match(r"(CUDA|cuDNN|CUBLAS) error", words):
        return None
    meaning = next((meaning for sign, meaning in _UNUSABLE.items() if sign in words), "it fails")
    return (
        f"{device} cannot be used: {meaning} ({words.partition(' CUDA kernel errors')[0]}). Start again in a new "
        "process, on another device, or on cpu; what was finished is kept"
    )


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
