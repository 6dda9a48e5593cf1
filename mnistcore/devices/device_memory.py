"""Owns which devices are here and how full their memory is; imports no torch and takes no device's memory.

CUDA itself would take some hundred MB of the GPU for as long as the process lives, so NVIDIA's own tool is run
instead: ``nvidia-smi`` reads the driver's counters. Where a GPU or its driver is in trouble it takes seconds,
or never ends: who must not wait uses a `Watch`.
"""

import atexit
import os
import platform
import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

# Why there is a GPU in the list or none: it was found; there is no nvidia-smi, or no GPU that it knows of; it failed
# or did not answer; CUDA_VISIBLE_DEVICES leaves none of those that it knows of; nvidia-smi has not answered yet.
GpuState = Literal["found", "none", "failed", "hidden", "asking"]

NVIDIA_SMI_SECONDS = 10.0  # it answers in 0.02 to 0.5 s; waking a sleeping driver takes it a few seconds
WATCH_SECONDS = 2.0  # a `Watch` runs nvidia-smi at most so often
_KILL_SECONDS = 1.0  # for the system to take away an nvidia-smi that was killed
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
    detail: str  # what nvidia-smi or the variable said, where no GPU is listed or the list is an older one; else empty
    answered: float = 0.0  # time.monotonic() when nvidia-smi gave this answer

    @property
    def age_seconds(self) -> float:
        """How long ago nvidia-smi gave this answer."""
        return time.monotonic() - self.answered


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
    itself puts the fastest first, unless CUDA_DEVICE_ORDER is PCI_BUS_ID. Waits for nvidia-smi, which may take
    `NVIDIA_SMI_SECONDS`.
    """
    return _with_own(_ask_gpus())


class Watch:
    """The newest answer of nvidia-smi, which a thread of its own runs; whoever looks never waits.

    It is run when somebody looks and the answer has become old, one at a time, and not sooner than it took to
    answer: a tool that hangs is not run all the time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer = Survey((), "asking", "")
        self._asks = False
        self._next = 0.0  # time.monotonic() from when on it is worth asking again

    def look(self) -> Survey:
        """Every device, the GPUs as nvidia-smi has listed them last, with the age of that answer.

        Where it does not answer any more, the older list stays, and ``detail`` says what went wrong since.
        """
        with self._lock:
            if not self._asks and time.monotonic() >= self._next:
                self._asks = True
                threading.Thread(target=self._ask, name="mnistcore-devices", daemon=True).start()
            answer = self._answer
        return _with_own(answer)

    def _ask(self) -> None:
        began = time.monotonic()
        answer = Survey((), "failed", "nvidia-smi: no answer")
        try:
            answer = _ask_gpus()
        finally:  # whatever happened, it is run again later
            now = time.monotonic()
            with self._lock:
                if answer.gpu == "failed" and self._answer.gpu == "found":
                    answer = replace(self._answer, detail=answer.detail)
                self._answer, self._asks = answer, False
                self._next = now + max(WATCH_SECONDS, now - began)


def _with_own(gpus: Survey) -> Survey:
    """The answer about GPUs, and the CPU as it is now: the system tells of it at once."""
    total, used = cpu_memory()
    cpu = DeviceInfo("cpu", "cpu", cpu_title(), total, used)
    if has_apple_gpu():
        # It works in the machine's own memory, and nobody says how much of that is the GPU's.
        mps = DeviceInfo("mps", "mps", "Apple GPU", total, None)
        return Survey((mps, cpu), "found", "", answered=time.monotonic())
    return replace(gpus, devices=(*gpus.devices, cpu))


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
    return platform.machine() or "CPU"  # platform.processor() would start a process to find out


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
    # Not on Linux: psutil (7.2) warns where a container's meminfo lacks figures that nobody needs here.
    import psutil

    with suppress(psutil.Error, OSError, RuntimeError):
        memory = psutil.virtual_memory()
        return memory.total, memory.total - memory.available
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


def _ask_gpus() -> Survey:
    """The GPUs alone, as nvidia-smi lists them."""
    if has_apple_gpu():
        return Survey((), "none", "")
    gpus, state, detail = _nvidia_gpus()
    devices = tuple(
        DeviceInfo(f"cuda:{number}", "cuda", gpu.title, gpu.total_bytes, gpu.used_bytes)
        for number, gpu in enumerate(gpus)
    )
    return Survey(devices, state, detail, answered=time.monotonic())


def _nvidia_gpus() -> tuple[tuple[NvidiaGpu, ...], GpuState, str]:
    try:
        code, said, complained = _run_nvidia_smi()
    except FileNotFoundError:
        return (), "none", "nvidia-smi: not found"
    except subprocess.TimeoutExpired:
        return (), "failed", f"nvidia-smi: no answer in {NVIDIA_SMI_SECONDS:g} s"
    except OSError as error:
        return (), "failed", f"nvidia-smi: {error.strerror}"
    gpus = parse_gpus(said)
    if not gpus:
        words = (said or complained).splitlines()[:1]
        detail = f"nvidia-smi: {''.join(words) or f'exit code {code}, no word'}"
        return (), "none" if said.lower().startswith("no devices") else "failed", detail
    chosen = visible_devices()
    seen = visible_gpus(gpus, chosen)
    return (seen, "found", "") if seen else ((), "hidden", f"CUDA_VISIBLE_DEVICES={chosen}")


# Those that have not ended: the one that runs now, or one that was killed and that the kernel does not let go.
_unfinished: list[subprocess.Popen[bytes]] = []


@atexit.register
def _end_unfinished() -> None:
    """It is in a session of its own, and would outlive a server that ends while it hangs."""
    for process in _unfinished:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):  # it has ended
        os.killpg(process.pid, signal.SIGKILL)


def _run_nvidia_smi() -> tuple[int, str, str]:
    """Its exit code and what it wrote to each stream.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it did not end in time, and was killed with all that it had started.
    """
    if any(process.poll() is None for process in _unfinished):  # one that hangs for good is enough
        raise subprocess.TimeoutExpired("nvidia-smi", NVIDIA_SMI_SECONDS)
    process = subprocess.Popen(
        ["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that what it starts can be killed with it, where it is a script
    )
    _unfinished[:] = [process]
    try:
        said, complained = process.communicate(timeout=NVIDIA_SMI_SECONDS)
    except BaseException:  # Ctrl-C, too
        _kill(process)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_KILL_SECONDS)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        raise
    return process.returncode, said.decode(errors="replace").strip(), complained.decode(errors="replace").strip()


def parse_gpus(output: str) -> tuple[NvidiaGpu, ...]:
    """What nvidia-smi lists, a line each; what is no such line is left out. A number that it does not give is None."""
    matches = (_GPU_LINE.fullmatch(line.strip()) for line in output.splitlines())
    return tuple(
        NvidiaGpu(int(match["index"]), match["uuid"], match["title"], _bytes(match["total"]), _bytes(match["used"]))
        for match in matches
        if match
    )


def visible_devices() -> str | None:
    """What CUDA_VISIBLE_DEVICES says now, which only this function reads; None where it is not set."""
    return os.environ.get("CUDA_VISIBLE_DEVICES")


def visible_gpus(gpus: tuple[NvidiaGpu, ...], chosen: str | None) -> tuple[NvidiaGpu, ...]:
    """Those that CUDA_VISIBLE_DEVICES lets CUDA see, in its order: it ends at the first entry that names none.

    Entries are indices or beginnings of identifiers. A part of a GPU (MIG) is one device, the only one that a process
    sees; nvidia-smi lists no memory of it.
    Sources: CUDA C++ programming guide, "CUDA environment variables"; NVIDIA MIG user guide, "CUDA visible devices".
    """
    if chosen is None:
        return gpus
    seen: list[NvidiaGpu] = []
    for entry in map(str.strip, chosen.split(",")):
        if entry.startswith("MIG-"):
            whole = [gpu for gpu in gpus if gpu.uuid in entry] or (gpus if len(gpus) == 1 else ())
            return (NvidiaGpu(0, entry, f"MIG, {whole[0].title}" if whole else "MIG", None, None),)
        named = [
            gpu
            for gpu in gpus
            if (int(entry) == gpu.index if entry.isdecimal() else entry != "" and gpu.uuid.startswith(entry))
        ]
        if len(named) != 1:
            break
        seen += named
    return tuple(seen)


def gpu_identities(root: Path = Path("/")) -> tuple[str, ...]:
    """The UUIDs of the GPUs that this process sees, ``cuda:0`` first, from the driver's files; empty where it has none.

    In a container or a Slurm job the files list all GPUs of the machine: those whose device may not be opened are left
    out. Asks no nvidia-smi; looks once, and again under another CUDA_VISIBLE_DEVICES. A name such as ``cuda:0`` means
    another GPU in each container and under each CUDA_VISIBLE_DEVICES; a UUID is one GPU everywhere.
    """
    chosen = visible_devices()
    if (root, chosen) not in _identities:
        gpus: list[NvidiaGpu] = []
        with suppress(OSError):
            for place in sorted((root / "proc/driver/nvidia/gpus").iterdir()):  # called by their place on the bus
                text = (place / "information").read_text(encoding="utf-8", errors="replace")
                facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
                uuid, title, minor = (facts.get(key, "").strip() for key in ("GPU UUID", "Model", "Device Minor"))
                if not minor.isdecimal() or _may_open(root / f"dev/nvidia{minor}"):
                    gpus.append(NvidiaGpu(len(gpus), uuid, title, None, None))
        if not all(gpu.uuid and "?" not in gpu.uuid for gpu in gpus):  # the driver has not looked yet
            return ()
        _identities[root, chosen] = tuple(gpu.uuid for gpu in visible_gpus(tuple(gpus), chosen))
    return _identities[root, chosen]


def _may_open(device: Path) -> bool:
    """Opening alone shows it: what a Slurm job may not use has its usual permissions."""
    try:
        os.close(os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return False
    return True


_identities: dict[tuple[Path, str | None], tuple[str, ...]] = {}


def most_free(gpus: Sequence[str], survey: Survey) -> str | None:
    """Of several GPUs that one with most free memory, whoever uses the rest; None where no memory is known."""
    known = {device.name: device for device in survey.devices if device.name in gpus}
    free_bytes = {
        name: device.total_bytes - device.used_bytes
        for name, device in known.items()
        if device.total_bytes is not None and device.used_bytes is not None
    }
    return max(free_bytes, key=lambda name: free_bytes[name], default=None)  # the first of those that are alike


def _bytes(mebibytes: str) -> int | None:
    return int(mebibytes) * _MIB if mebibytes.strip().isdecimal() else None  # "[N/A]" where it does not know
