"""The choice of device, on this machine and with what torch would say on others; see test_cuda for a real GPU."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from mnistcore.devices import device_memory, devices
from mnistcore.devices.device_memory import DeviceInfo, Survey
from mnistcore.errors import DeviceError
from scripts.project import ROOT


def test_auto_is_the_fastest_that_is_here() -> None:
    assert str(devices.pick_device()) == str(devices.pick_device("auto")) == devices.device_names()[0]
    assert devices.device_names()[-1] == "cpu"


def test_cpu_is_always_here() -> None:
    assert devices.pick_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "cuda:x", "cpu:1", "", "CPU"])
def test_a_device_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(DeviceError, match=r"is not here: expected one of auto, .*cpu"):
        devices.pick_device(name)


@pytest.mark.parametrize(
    ("gpus", "apple", "names"),
    [(0, False, ("cpu",)), (2, False, ("cuda:0", "cuda:1", "cpu")), (0, True, ("mps", "cpu"))],
)
def test_names_are_in_order_of_speed(
    monkeypatch: pytest.MonkeyPatch, gpus: int, apple: bool, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75"])
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda name: (7, 5))
    assert devices.device_names() == names
    assert str(devices.pick_device("auto")) == names[0]
    if gpus:
        assert devices.pick_device("cuda") == torch.device("cuda:0")
        assert devices.pick_device("cuda:1") == torch.device("cuda:1")


@pytest.mark.parametrize(
    ("driver", "visible", "apple", "asked", "guess"),
    [
        (False, None, False, "auto", "cpu"),
        (True, None, False, "auto", "cuda:0"),
        (True, "1", False, "auto", "cuda:0"),
        (True, "", False, "auto", "cpu"),
        (True, "-1", False, "auto", "cpu"),
        (False, None, True, "auto", "mps"),
        (False, None, False, "cuda", "cuda:0"),
        (True, None, False, "cuda:1", "cuda:1"),
        (True, None, False, "cpu", "cpu"),
    ],
)
def test_the_name_is_guessed_without_asking_the_device(
    driver: bool, visible: str | None, apple: bool, asked: str, guess: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: driver and str(self) == "/dev/nvidiactl")
    monkeypatch.setattr(device_memory, "has_apple_gpu", lambda: apple)
    if visible is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert devices.guess_name(asked) == guess


def test_a_torch_without_cuda_is_no_reason_to_queue_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: str(self) == "/dev/nvidiactl")
    monkeypatch.setattr(device_memory, "has_apple_gpu", lambda: False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for version, guess in (("2.15.0+cpu", "cpu"), ("2.15.0+cu132", "cuda:0"), ("2.15.0", "cuda:0")):
        monkeypatch.setattr(devices.metadata, "version", lambda _, version=version: version)
        assert devices.guess_name("auto") == guess


def test_what_this_process_holds() -> None:
    held = devices.held_bytes("cpu")
    assert held is None or held > 2**20
    if not torch.cuda.is_initialized():
        assert devices.held_bytes("cuda:0") == 0


def test_giving_back_everything_loads_no_torch() -> None:
    code = (
        "import sys\nfrom mnistcore.devices import devices\ndevices.release_memory()\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_environment_says_where_a_result_was_made() -> None:
    found = devices.environment(torch.device("cpu"))
    assert set(found) == {"python", "torch", "platform", "device", "device_name", "threads"}
    assert found["device"] == "cpu"
    assert found["threads"] == torch.get_num_threads()
    assert found["torch"] == torch.__version__
    assert type(found["torch"]) is str  # not torch's own kind of string


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16\n", torch.bfloat16),
        ("flags\t\t: fpu amx_bf16\n", torch.bfloat16),
        ("flags\t\t: fpu avx2 avx512f\n", torch.float32),
        ("", torch.float32),
        (None, torch.float32),
    ],
)
def test_the_cpu_computes_in_bfloat16_where_it_has_it(
    cpuinfo: str | None, expected: torch.dtype, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        path.write_text(cpuinfo)
    found = devices._cpu_has_bfloat16(path)
    assert found is (expected == torch.bfloat16)
    monkeypatch.setattr(devices, "_cpu_has_bfloat16", lambda: found)
    assert devices.compute_dtype("cpu") == expected
    with devices.autocast("cpu"):
        assert torch.nn.Linear(2, 2)(torch.ones(1, 2)).dtype == expected


def test_memory_can_be_released_where_there_is_nothing_to_release() -> None:
    devices.release_memory("cpu")
    devices.release_memory()


@pytest.mark.parametrize(
    ("device", "expected"),
    [("cpu", torch.channels_last), ("cuda", torch.channels_last), ("mps", torch.contiguous_format)],
)
def test_memory_format(device: str, expected: torch.memory_format) -> None:
    assert devices.memory_format(device) == expected


def test_no_memory_left_says_what_to_do() -> None:
    with (
        pytest.raises(DeviceError, match=r"cpu has no memory left.*smaller batch size"),
        devices.memory_guard("cpu"),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")


# ---------------------------------------------------------------- GPUs that are not there: torch's answers are recorded


@dataclass
class Gpus:
    """What torch would say of a machine's GPUs."""

    capabilities: dict[str, tuple[int, int]]
    built: list[str]
    entered: list[str] = field(default_factory=list)  # devices that were made the current one
    emptied: int = 0


BUILT = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]  # torch 2.10 from pip, for CUDA 12.8


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Gpus:
    found = Gpus({f"cuda:{index}": (9, 0) for index in range(8)}, BUILT)

    def empty() -> None:
        found.emptied += 1

    class Entered:
        def __init__(self, device: object) -> None:
            found.entered.append(str(device))

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    for name, answer in {
        "is_available": lambda: bool(found.capabilities),
        "is_initialized": lambda: bool(found.capabilities),
        "device_count": lambda: len(found.capabilities),
        "get_arch_list": lambda: found.built,
        "get_device_capability": lambda name: found.capabilities[str(name)],
        "get_device_name": lambda name: f"GPU of {found.capabilities[str(name)]}",
        "empty_cache": empty,
        "device": Entered,
        "set_device": found.entered.append,
    }.items():
        monkeypatch.setattr(torch.cuda, name, answer)
    monkeypatch.setattr(devices, "_has_driver", lambda: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return found


@pytest.mark.parametrize("device", [None, "cuda:3", "cuda"])
def test_giving_memory_back_enters_no_gpu(device: str | None, gpus: Gpus) -> None:
    """A GPU that is entered gets a context of some hundred MB, for as long as this process lives."""
    devices.release_memory(device)
    assert gpus.entered == []
    assert gpus.emptied == 1


@pytest.mark.parametrize(
    ("capability", "built", "is_usable"),
    [
        ((9, 0), BUILT, True),
        ((8, 9), BUILT, True),  # machine code for 8.6 runs on it
        ((12, 1), BUILT, True),
        ((13, 0), BUILT, True),  # translated when it is loaded
        ((7, 0), BUILT, False),
        ((6, 1), BUILT, False),
        ((11, 0), ["sm_80", "sm_90a"], False),
        ((12, 0), ["sm_50", "sm_60", "sm_70", "sm_90"], False),  # a new GPU, and a torch for old ones
        ((7, 0), ["sm_50", "sm_60", "sm_70"], True),
        ((7, 2), ["sm_75"], False),
        ((7, 0), ["gfx90a"], True),  # another maker's: nothing is known
    ],
)
def test_a_gpu_that_torch_has_no_kernels_for_is_not_taken(
    capability: tuple[int, int], built: list[str], is_usable: bool, gpus: Gpus
) -> None:
    gpus.capabilities, gpus.built = {"cuda:0": capability}, built
    told: list[str] = []
    picked = devices.pick_device(on_warning=told.append)
    if is_usable:
        assert (str(picked), told) == ("cuda:0", [])
        assert devices.pick_device("cuda") == picked
        return
    assert str(picked) == "cpu"
    (text,) = told
    cure = "whl/cu126" if capability < (7, 5) else "whl/cu128"
    for words in ("GPU of", f"{capability[0]}.{capability[1]}", ", ".join(built), cure, "on the CPU"):
        assert words in text
    for name in ("cuda", "cuda:0"):
        with pytest.raises(DeviceError, match="compute capability"):
            devices.pick_device(name)


def test_of_several_gpus_one_that_can_is_taken(gpus: Gpus) -> None:
    gpus.capabilities = {"cuda:0": (6, 1), "cuda:1": (8, 0)}
    assert str(devices.pick_device()) == "cuda:1"
    assert str(devices.pick_device("cuda")) == "cuda:1"


@pytest.mark.parametrize(
    ("free", "held", "chosen", "why"),
    [
        ({"cuda:0": 1, "cuda:1": 40, "cuda:2": 20}, {}, "cuda:1", "most free memory of 3 GPUs"),
        ({"cuda:0": 1, "cuda:1": 40, "cuda:2": 20}, {"cuda:2": 1}, "cuda:2", "computes there already"),
        ({}, {}, "cuda:0", "how full they are is not known"),
    ],
)
def test_one_of_several_gpus_is_chosen_for_a_reason(
    free: dict[str, int], held: dict[str, int], chosen: str, why: str, gpus: Gpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus.capabilities = {f"cuda:{index}": (9, 0) for index in range(3)}
    there = tuple(DeviceInfo(name, "cuda", "A GPU", 80, 80 - bytes_) for name, bytes_ in free.items())
    monkeypatch.setattr(device_memory, "survey", lambda: Survey(there, "found" if there else "failed", ""))
    monkeypatch.setattr(device_memory, "gpu_identities", lambda: ("A", "B", "C"))
    monkeypatch.setattr(devices, "_torch_is_for_cpus", lambda: False)
    monkeypatch.setattr(devices, "held_bytes", lambda name: held.get(name, 0))
    for asked in ("auto", "cuda"):
        name, reason = devices.choose(asked)
        assert (name, str(devices.pick_device(asked))) == (chosen, chosen)
        assert why in reason
        assert devices.guess_name(asked) == "cuda:0"
    assert devices.choose("auto", busy={"cuda:0", "cuda:1"}) == ("cuda:2", "the others are training already")
    assert devices.choose("auto", busy={"cuda:0", "cuda:1", "cuda:2"})[0] == chosen, "one of them it has to be"
    assert devices.choose("cuda:1") == ("cuda:1", "")
    assert devices.choose("cpu") == ("cpu", "")


def test_cuda_1_is_not_cuda_10(gpus: Gpus) -> None:
    gpus.capabilities = {f"cuda:{index}": (9, 0) if index != 1 else (6, 1) for index in range(12)}
    with pytest.raises(DeviceError, match="compute capability 6.1"):
        devices.pick_device("cuda:1")


@pytest.mark.parametrize(
    ("visible", "built_for", "said", "expected"),
    [
        (None, "12.8", "The NVIDIA driver on your system is too old (found version 11040)", "driver on your system is too old"),
        (None, "12.8", "No CUDA GPUs are available", "No CUDA GPUs are available"),
        (None, None, "", "built without CUDA"),
        ("0", None, "", "built without CUDA"),  # Slurm says which GPU, and it is not the variable's fault
        ("0", "12.8", "The NVIDIA driver on your system is too old (found version 11040)", "driver on your system"),
        ("GPU-0000", "12.8", "No CUDA GPUs are available", "CUDA_VISIBLE_DEVICES=GPU-0000 names no GPU"),
        ("NoDevFiles", "12.8", "No CUDA GPUs are available", "CUDA_VISIBLE_DEVICES=NoDevFiles"),
    ],
)  # fmt: skip
def test_a_gpu_that_torch_does_not_see_is_told_of(
    visible: str | None, built_for: str | None, said: str, expected: str, gpus: Gpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def init() -> None:
        raise RuntimeError(said)

    gpus.capabilities = {}
    monkeypatch.setattr(torch.cuda, "init", init)
    monkeypatch.setattr(torch.version, "cuda", built_for)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with pytest.warns(devices.DeviceWarning, match=f"{re.escape(expected)}.*on the CPU"):
        assert str(devices.pick_device()) == "cpu"
    with pytest.raises(DeviceError, match=re.escape(expected)):
        devices.pick_device("cuda")


@pytest.mark.parametrize("visible", ["", "-1"])
def test_gpus_that_were_hidden_on_purpose_are_not_told_of(
    visible: str, gpus: Gpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus.capabilities = {}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert str(devices.pick_device()) == "cpu"


def test_gpus_are_numbered_by_the_bus_as_nvidia_smi_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    devices.device_names()
    assert os.environ["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "FASTEST_FIRST")  # who says otherwise is heard
    devices.device_names()
    assert os.environ["CUDA_DEVICE_ORDER"] == "FASTEST_FIRST"


NOTE = "\nCUDA kernel errors might be asynchronously reported at some other API call"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB"), "no memory left"),
        (torch.AcceleratorError("CUDA error: out of memory" + NOTE), "no memory left"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), "no memory left"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "no memory left"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:118] . DefaultCPUAllocator: not enough memory"), "no memory left"),
        (
            torch.AcceleratorError("CUDA error: CUDA-capable device(s) is/are busy or unavailable" + NOTE),
            r"cuda:0 cannot be used: another process has it for itself .*unavailable\)\. Start again",
        ),
        (torch.AcceleratorError("CUDA error: uncorrectable ECC error encountered" + NOTE), "memory is damaged"),
        (torch.AcceleratorError("CUDA error: no kernel image is available" + NOTE), "not built for it"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "cannot be used: it fails"),
    ],
)  # fmt: skip
def test_a_device_that_fails_is_told_of_in_one_sentence(error: RuntimeError, expected: str) -> None:
    with pytest.raises(DeviceError, match=expected) as raised, devices.memory_guard("cuda:0"):
        raise error
    assert "\n" not in str(raised.value)
    assert "asynchronously" not in str(raised.value)


@pytest.mark.parametrize(
    "error", [RuntimeError("mat1 and mat2 shapes cannot be multiplied"), RuntimeError("an error about CUDA error: no")]
)
def test_an_error_of_something_else_is_itself(error: RuntimeError) -> None:
    with pytest.raises(RuntimeError) as raised, devices.memory_guard("cuda:0"):
        raise error
    assert raised.value is error
