"""Owns which devices are here and how full their memory is; imports no torch and takes no device's memory.

Asking CUDA itself would take some hundred MB of the GPU for as long as the asking process lives, so NVIDIA's own tool
is asked instead: ``nvidia-smi`` reads the driver's counters.
"""

import os
import platform
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

# Why there is a GPU in the list or none: it was found; there is no nvidia-smi, or no GPU that it knows of; it failed
# or did not answer; CUDA_VISIBLE_DEVICES leaves none of those that it knows of.
GpuState = Literal["found", "none", "failed", "hidden"]

NVIDIA_SMI_SECONDS = 10.0  # it answers in 0.02 to 0.5 s; waking a sleeping driver takes it a few seconds
_QUERY = "index,uuid,name,memory.total,memory.used"
_MIB = 2**20  # the unit of nvidia-smi's memory
_GPU_LINE = re.compile(r"(?P<index>\d+), (?P<uuid>\S+), (?P<title>.+), (?P<total>[^,]+), (?P<used>[^,]+)")


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device that is here. Bytes are of its whole memory, used by all programs, and None where unknown."""

    name: str  # what pick_device takes
    kind: str  # "cuda", "mps" or "cpu"
    title: str  # the maker's name
    total_bytes: int | None
    used_bytes: int | None


@dataclass(frozen=True, slots=True)
class Survey:
    """The devices that are here, the fastest first and the CPU last; and what is known of GPUs."""

    devices: tuple[DeviceInfo, ...]
    gpu: GpuState
    detail: str  # what nvidia-smi or the variable said, where no GPU is listed; else empty


@dataclass(frozen=True, slots=True)
class NvidiaGpu:
    """A line of nvidia-smi: a GPU of the machine, whether or not CUDA may use it."""

    index: int
    uuid: str
    title: str
    total_bytes: int | None
    used_bytes: int | None


def survey() -> Survey:
    """Every device that is here, with its memory.

    GPUs are numbered as CUDA_VISIBLE_DEVICES says, in the order of the bus. On a machine with different GPUs CUDA
    itself puts the fastest first, unless CUDA_DEVICE_ORDER is PCI_BUS_ID.
    """
    cpu_total, cpu_used = cpu_memory()
    cpu = DeviceInfo("cpu", "cpu", cpu_title(), cpu_total, cpu_used)
    if has_apple_gpu():
        # It works in the machine's own memory, and nobody says how much of that is the GPU's.
        return Survey((DeviceInfo("mps", "mps", "Apple GPU", cpu_total, None), cpu), "found", "")
    gpus, state, detail = _nvidia_gpus()
    found = tuple(
        DeviceInfo(f"cuda:{number}", "cuda", gpu.title, gpu.total_bytes, gpu.used_bytes)
        for number, gpu in enumerate(gpus)
    )
    return Survey((*found, cpu), state, detail)


def has_apple_gpu() -> bool:
    """Whether this is a Mac whose GPU torch calls mps."""
    return (platform.system(), platform.machine()) == ("Darwin", "arm64")


def cpu_title(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The maker's name of the processor."""
    with suppress(OSError):  # not Linux
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine() or "CPU"


def cpu_memory(root: Path = Path("/")) -> tuple[int | None, int | None]:
    """Total and used bytes of the machine's memory, or of the container's where that is less; None where unknown."""
    total, used = _machine_memory(root)
    limited = _container_memory(root)
    if limited is not None and (total is None or limited[0] < total):
        return limited
    return total, used


def _machine_memory(root: Path) -> tuple[int | None, int | None]:
    with suppress(OSError, KeyError, ValueError, IndexError):
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = dict(line.split(":", 1) for line in lines)
        total, available = (int(sizes[key].split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))
        return total, total - available
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), None
    return None, None


def _container_memory(root: Path) -> tuple[int, int | None] | None:
    """The tightest limit of memory on this process, and what is used of it; None where it has none."""
    found: list[tuple[int, int | None]] = []
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            number, controllers, path = line.split(":", 2)
            if number == "0":
                base, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
            elif "memory" in controllers.split(","):
                base = root / "sys/fs/cgroup/memory"
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            else:
                continue
            # Inside a container the group is often mounted as the root of the tree, whatever it is called outside.
            inner = base / path.strip("/") if ".." not in path else base
            groups = [group for group in (inner, *inner.parents) if group.is_relative_to(base)]
            found += [memory for group in groups if (memory := _group_memory(group, *names)) is not None]
    return min(found, default=None, key=lambda memory: memory[0])


def _group_memory(group: Path, limit_name: str, used_name: str, cached_name: str) -> tuple[int, int | None] | None:
    with suppress(OSError, ValueError):  # no such group seen from here, or "max"
        limit = int((group / limit_name).read_text(encoding="ascii"))
        with suppress(OSError, ValueError, KeyError):
            used = int((group / used_name).read_text(encoding="ascii"))
            counts = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
            # Files that were read are kept as long as nobody needs the room: that is free memory, as in MemAvailable.
            return limit, max(0, used - int(counts[cached_name]))
        return limit, None
    return None


def _nvidia_gpus() -> tuple[tuple[NvidiaGpu, ...], GpuState, str]:
    try:
        said = subprocess.run(
            ["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=NVIDIA_SMI_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        return (), "none", "nvidia-smi: not found"
    except subprocess.TimeoutExpired:
        return (), "failed", f"nvidia-smi: no answer in {NVIDIA_SMI_SECONDS:g} s"
    except OSError as error:
        return (), "failed", f"nvidia-smi: {error.strerror}"
    output = said.stdout.decode(errors="replace").strip()
    gpus = parse_gpus(output)
    if not gpus:
        words = (output or said.stderr.decode(errors="replace").strip()).splitlines()[:1]
        detail = f"nvidia-smi: {''.join(words) or f'exit code {said.returncode}, no word'}"
        return (), "none" if output.lower().startswith("no devices") else "failed", detail
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    seen = visible_gpus(gpus, chosen)
    return (seen, "found", "") if seen else ((), "hidden", f"CUDA_VISIBLE_DEVICES={chosen}")


def parse_gpus(output: str) -> tuple[NvidiaGpu, ...]:
    """What nvidia-smi lists, a line each; what is no such line is left out. A number that it does not give is None."""
    matches = (_GPU_LINE.fullmatch(line.strip()) for line in output.splitlines())
    return tuple(
        NvidiaGpu(int(match["index"]), match["uuid"], match["title"], _bytes(match["total"]), _bytes(match["used"]))
        for match in matches
        if match
    )


def visible_gpus(gpus: tuple[NvidiaGpu, ...], chosen: str | None) -> tuple[NvidiaGpu, ...]:
    """Those that CUDA_VISIBLE_DEVICES lets CUDA see, in its order: it ends at the first entry that names none.

    Entries are indices or beginnings of identifiers; part of a GPU (MIG) cannot be told from nvidia-smi's list.
    Source: CUDA C++ programming guide, "CUDA environment variables".
    """
    if chosen is None:
        return gpus
    seen: list[NvidiaGpu] = []
    for entry in map(str.strip, chosen.split(",")):
        named = [
            gpu
            for gpu in gpus
            if (int(entry) == gpu.index if entry.isdecimal() else entry != "" and gpu.uuid.startswith(entry))
        ]
        if len(named) != 1:
            break
        seen += named
    return tuple(seen)


def _bytes(mebibytes: str) -> int | None:
    return int(mebibytes) * _MIB if mebibytes.strip().isdecimal() else None  # "[N/A]" where it does not know
