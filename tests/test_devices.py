"""The choice of device; what needs a GPU is skipped where there is none."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mnistcore import device_memory, devices
from mnistcore.errors import DeviceError

ROOT = Path(__file__).resolve().parent.parent


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
    code = "import sys\nfrom mnistcore import devices\ndevices.release_memory()\nassert 'torch' not in sys.modules"
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


@pytest.mark.needs_cuda
def test_cuda_memory_is_given_back() -> None:
    device = devices.pick_device("cuda")
    held = torch.zeros(1 << 26, device=device)
    del held
    assert torch.cuda.memory_reserved(device) > 0
    devices.release_memory(device)
    assert torch.cuda.memory_reserved(device) == 0


@pytest.mark.needs_cuda
def test_cuda_computes_in_the_stated_type() -> None:
    device = devices.pick_device("cuda")
    with devices.autocast(device):
        result = torch.nn.Linear(2, 2, device=device)(torch.ones(1, 2, device=device))
    assert result.dtype == devices.compute_dtype(device)
