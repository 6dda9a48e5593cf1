"""The survey of the devices: what nvidia-smi and the system say, recorded, and asked through a stand-in on the PATH."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mnistcore.devices import device_memory
from mnistcore.devices.device_memory import DeviceInfo, parse_gpus, visible_gpus
from scripts.project import ROOT
from tests.gpus import TWO_GPUS, A, B, driver, pretend

MIB, GIB = 2**20, 2**30

SHARED_MEMORY = "0, GPU-0a1b2c3d-0000-1111-2222-333344445555, NVIDIA GB10, [N/A], [N/A]\n"


@pytest.fixture(autouse=True)
def _all_gpus_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


# ---------------------------------------------------------------- what nvidia-smi says


def test_lines_of_nvidia_smi_become_gpus() -> None:
    first, second = parse_gpus(TWO_GPUS)
    assert (first.index, first.title, first.total_bytes, first.used_bytes) == (
        0, "NVIDIA H100 80GB HBM3", 81559 * MIB, 31522 * MIB,
    )  # fmt: skip
    assert (second.index, second.title, second.used_bytes) == (1, "NVIDIA RTX 6000 Ada Generation", 4 * MIB)


def test_memory_that_nvidia_smi_does_not_know_is_unknown() -> None:
    (gpu,) = parse_gpus(SHARED_MEMORY)
    assert gpu.title == "NVIDIA GB10"
    assert gpu.total_bytes is gpu.used_bytes is None


@pytest.mark.parametrize(
    ("total", "used", "expected"),
    [
        ("81559", "ERR!", (81559 * MIB, None)),
        ("[Unknown Error]", "[Unknown Error]", (None, None)),
        ("81559", "[Insufficient Permissions]", (81559 * MIB, None)),  # of a GPU in parts (MIG)
        ("[GPU requires reset]", "[GPU requires reset]", (None, None)),
        ("81559", "81559 MiB", (81559 * MIB, None)),  # a tool that does not know nounits
    ],
)
def test_a_gpu_in_trouble_is_listed(total: str, used: str, expected: tuple[int | None, int | None]) -> None:
    first, _, rest = TWO_GPUS.partition("\n")
    broken, healthy = parse_gpus(first.replace("81559, 31522", f"{total}, {used}") + "\n" + rest)
    assert (broken.total_bytes, broken.used_bytes) == expected
    assert (healthy.index, healthy.used_bytes) == (1, 4 * MIB)


@pytest.mark.parametrize("end", ["\r\n", " \n", "\n\n", "\r\n\r\n"])
def test_lines_may_end_as_they_like(end: str) -> None:
    assert parse_gpus(TWO_GPUS.replace("\n", end)) == parse_gpus(TWO_GPUS)


def test_a_gpu_that_was_lost_hides_no_other() -> None:
    lost = "Unable to determine the device handle for GPU1: 0000:3B:00.0: GPU is lost.  Reboot the system\n"
    assert [gpu.index for gpu in parse_gpus(TWO_GPUS.splitlines()[0] + "\n" + lost)] == [0]


@pytest.mark.parametrize("output", ["", "No devices were found", "Failed to initialize NVML: Unknown Error\n", "a, b"])
def test_other_output_names_no_gpu(output: str) -> None:
    assert parse_gpus(output) == ()


@pytest.mark.parametrize(
    ("chosen", "indices"),
    [
        (None, [0, 1]),
        ("1", [1]),
        ("1,0", [1, 0]),
        (" 1 , 0 ", [1, 0]),
        ("", []),
        ("-1", []),
        ("0,-1,1", [0]),  # CUDA stops at the first that is none
        ("7,0", []),
        ("GPU-8f6d", [1]),
        ("GPU-8f6d,0", [1, 0]),
        ("GPU-", []),  # two begin so
        ("NoDevFiles", []),
    ],
)
def test_the_variable_chooses_and_orders_gpus(chosen: str | None, indices: list[int]) -> None:
    assert [gpu.index for gpu in visible_gpus(parse_gpus(TWO_GPUS), chosen)] == indices


@pytest.mark.parametrize(
    ("chosen", "title"),
    [
        ("MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", "MIG"),
        ("MIG-GPU-8f6d9c3e-5a0b-4c1d-9e2f-6b7a8c9d0e1f/1/0", "MIG, NVIDIA RTX 6000 Ada Generation"),
        ("MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f,MIG-8f6d9c3e-5a0b-4c1d-9e2f-6b7a8c9d0e1f,0", "MIG"),
    ],
)
def test_a_part_of_a_gpu_is_a_device_whose_memory_is_not_known(chosen: str, title: str) -> None:
    (part,) = visible_gpus(parse_gpus(TWO_GPUS), chosen)
    assert (part.title, part.uuid, part.total_bytes, part.used_bytes) == (title, chosen.split(",")[0], None, None)


def test_a_part_of_the_only_gpu_has_its_name() -> None:
    (part,) = visible_gpus(parse_gpus(SHARED_MEMORY), "MIG-c6d4f1ef")
    assert part.title == "MIG, NVIDIA GB10"


# ---------------------------------------------------------------- what the driver's files say


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        (None, (A, B)),
        ("1", (B,)),
        ("1,0", (B, A)),
        (B, (B,)),
        ("GPU-8f6d", (B,)),
        ("", ()),
        ("MIG-1234", ("MIG-1234",)),
    ],
)
def test_gpus_are_known_by_their_uuid_in_the_order_of_the_bus(
    chosen: str | None, seen: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert device_memory.gpu_identities(driver(tmp_path, b3b=B, b17=A)) == seen


@pytest.mark.parametrize(("chosen", "seen"), [(None, (B,)), ("0", (B,)), ("1", ())])
def test_a_gpu_whose_device_may_not_be_opened_is_not_counted(
    chosen: str | None, seen: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver lists all GPUs of the machine; a Slurm job or a container is given one, which is its first."""
    root = driver(tmp_path, b17=A, b3b=B)
    (root / "dev/nvidia0").unlink()
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert device_memory.gpu_identities(root) == seen


def test_without_a_driver_or_before_it_has_looked_nothing_is_known(tmp_path: Path) -> None:
    assert device_memory.gpu_identities(tmp_path / "none") == ()
    root = driver(tmp_path, b17=A, b3b="GPU-????????-????-????-????-????????????")
    assert device_memory.gpu_identities(root) == ()
    path = root / "proc/driver/nvidia/gpus/0000:3b:00.0/information"
    path.write_text(f"GPU UUID: \t {B}\n")
    assert device_memory.gpu_identities(root) == (A, B)


def test_the_gpu_with_most_free_memory() -> None:
    def survey(*memory: tuple[int | None, int | None]) -> device_memory.Survey:
        gpus = (DeviceInfo(f"cuda:{index}", "cuda", "A GPU", *sizes) for index, sizes in enumerate(memory))
        return device_memory.Survey(tuple(gpus), "found", "")

    names = ["cuda:0", "cuda:1", "cuda:2"]
    assert device_memory.most_free(names, survey((80, 79), (24, 3), (80, 70))) == "cuda:1"
    assert device_memory.most_free(["cuda:0", "cuda:2"], survey((80, 79), (24, 3), (80, 70))) == "cuda:2"
    assert device_memory.most_free(names, survey((None, None), (24, 23), (24, 23))) == "cuda:1"
    assert device_memory.most_free(names, survey((None, None), (24, 20), (None, None))) == "cuda:1"
    assert device_memory.most_free(names, survey()) is None, "nvidia-smi does not answer"
    assert device_memory.most_free([], survey()) is None


# ---------------------------------------------------------------- the survey


def test_gpus_come_first_with_their_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path / "bin", monkeypatch, f"cat <<END\n{TWO_GPUS}END")
    found = device_memory.survey()
    assert found.gpu == "found"
    assert found.detail == ""
    assert [device.name for device in found.devices] == ["cuda:0", "cuda:1", "cpu"]
    assert found.devices[0] == DeviceInfo("cuda:0", "cuda", "NVIDIA H100 80GB HBM3", 81559 * MIB, 31522 * MIB)


def test_gpus_are_numbered_as_cuda_numbers_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path / "bin", monkeypatch, f"cat <<END\n{TWO_GPUS}END")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [(device.name, device.title) for device in device_memory.survey().devices[:-1]] == [
        ("cuda:0", "NVIDIA RTX 6000 Ada Generation")
    ]


def test_nvidia_smi_is_asked_the_recorded_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path / "bin", monkeypatch, f'echo "$@" > {tmp_path}/asked')
    device_memory.survey()
    assert (tmp_path / "asked").read_text(encoding="utf-8").split() == [
        "--query-gpu=index,uuid,name,memory.total,memory.used",
        "--format=csv,noheader,nounits",
    ]


@pytest.mark.parametrize(
    ("script", "state", "detail"),
    [
        ("echo No devices were found; exit 6", "none", "No devices were found"),
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", "failed", "version mismatch"),
        ("echo no driver >&2; exit 9", "failed", "no driver"),
        ("echo 'Unable to determine the device handle for GPU0: GPU is lost.'; exit 15", "failed", "GPU is lost"),
        (r"printf '\203h\203\211\203C\203o\r\n'; exit 9", "failed", "\ufffdh\ufffd"),  # words in Shift-JIS
        ("exit 3", "failed", "exit code 3"),
        ("exec sleep 600", "failed", "no answer in 0.3 s"),
        ("sleep 600", "failed", "no answer in 0.3 s"),
        ("sleep 600 & exit 0", "failed", "no answer in 0.3 s"),
    ],
)
def test_an_nvidia_smi_that_fails_is_no_gpu_and_says_why(
    script: str, state: str, detail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", 0.3 if "sleep" in script else 10.0)
    pretend(tmp_path / "bin", monkeypatch, script)
    found = device_memory.survey()
    assert found.gpu == state
    assert detail in found.detail
    assert [device.name for device in found.devices] == ["cpu"]


@pytest.mark.parametrize("script", ["sleep 600", "trap '' TERM; sleep 600; sleep 600"])
def test_one_that_hangs_is_killed_with_what_it_started(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", 0.5)
    pid = tmp_path / "pid"
    pretend(tmp_path / "bin", monkeypatch, f"echo $$ > {pid}\n{script}")
    # On a busy machine it may be killed before it has said who it is.
    wait_until(lambda: device_memory.survey().gpu == "failed" and pid.exists() and pid.stat().st_size > 0)
    group = int(pid.read_text(encoding="utf-8"))
    wait_until(lambda: not members(group))


def members(group: int) -> list[int]:
    """The processes of a group that still run; one that nobody has looked after yet (a zombie) does not."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# ---------------------------------------------------------------- without waiting


def blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An nvidia-smi that notes each time it is asked and answers once it may; gives the file that lets it."""
    device_memory._end_unfinished()  # of a test before
    wait_until(lambda: all(process.poll() is not None for process in list(device_memory._unfinished)))
    gate = tmp_path / "gate"
    wait = f"echo asked >> {tmp_path}/asked\nwhile [ ! -e {gate} ]; do sleep 0.02; done"
    pretend(tmp_path / "bin", monkeypatch, f"{wait}\ncat <<END\n{TWO_GPUS}END")
    return gate


def test_a_look_never_waits_and_asks_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, watch = blocked(tmp_path, monkeypatch), device_memory.Watch()
    for _ in range(20):
        found = watch.look()
        assert (found.gpu, found.detail) == ("asking", "")
        assert [device.name for device in found.devices] == ["cpu"]
        assert found.devices[0].total_bytes == device_memory.cpu_memory()[0]
    gate.touch()
    wait_until(lambda: watch.look().gpu == "found")
    found = watch.look()
    assert [device.name for device in found.devices] == ["cuda:0", "cuda:1", "cpu"]
    assert 0 <= found.age_seconds < 60
    assert (tmp_path / "asked").read_text(encoding="utf-8").split() == ["asked"]


def test_it_is_asked_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_memory, "WATCH_SECONDS", 0.01)
    fixed, watch = tmp_path / "fixed", device_memory.Watch()
    pretend(tmp_path / "bin", monkeypatch, f"[ -e {fixed} ] || exit 9\ncat <<END\n{TWO_GPUS}END")
    wait_until(lambda: watch.look().gpu == "failed")
    fixed.touch()
    wait_until(lambda: watch.look().gpu == "found")
    answered = watch.look().answered
    fixed.unlink()
    wait_until(lambda: watch.look().detail == "nvidia-smi: exit code 9, no word")
    found = watch.look()
    assert found.gpu == "found"
    assert found.answered >= answered
    assert [device.name for device in found.devices] == ["cuda:0", "cuda:1", "cpu"]
    fixed.touch()
    wait_until(lambda: watch.look().detail == "")


def test_one_that_takes_long_is_asked_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", 0.5)
    monkeypatch.setattr(device_memory, "WATCH_SECONDS", 0.0)
    blocked(tmp_path, monkeypatch)
    watch, began = device_memory.Watch(), time.monotonic()
    wait_until(lambda: watch.look().gpu == "failed")
    assert watch._next - began >= 1.0  # as long as it took, once more


def test_one_that_cannot_be_killed_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", 0.2)
    monkeypatch.setattr(device_memory, "_KILL_SECONDS", 0.1)
    gate = blocked(tmp_path, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(device_memory, "_kill", lambda process: None)  # as the kernel does while a driver hangs
        for _ in range(3):
            assert device_memory.survey().detail == "nvidia-smi: no answer in 0.2 s"
    wait_until((tmp_path / "asked").exists)
    assert (tmp_path / "asked").read_text(encoding="utf-8").split() == ["asked"]
    gate.touch()
    monkeypatch.setattr(device_memory, "NVIDIA_SMI_SECONDS", 60.0)
    wait_until(lambda: device_memory.survey().gpu == "found")


def test_hidden_gpus_are_said_to_be_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path / "bin", monkeypatch, f"cat <<END\n{TWO_GPUS}END")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    found = device_memory.survey()
    assert (found.gpu, found.detail) == ("hidden", "CUDA_VISIBLE_DEVICES=-1")


def test_without_nvidia_smi_there_is_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = device_memory.survey()
    assert (found.gpu, found.detail) == ("none", "nvidia-smi: not found")
    (cpu,) = found.devices
    assert cpu.name == cpu.kind == "cpu"
    assert cpu.title
    assert cpu.total_bytes is None or cpu.used_bytes is None or 0 <= cpu.used_bytes <= cpu.total_bytes


def test_a_file_that_cannot_be_run_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path / "bin", monkeypatch, "")
    (tmp_path / "bin" / "nvidia-smi").write_bytes(b"\0no program")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # else the next one on the PATH is taken
    assert device_memory.survey().gpu == "failed"


def test_an_apple_gpu_uses_the_machines_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_memory, "has_apple_gpu", lambda: True)
    monkeypatch.setattr(device_memory, "cpu_memory", lambda: (16 * GIB, None))
    mps, cpu = device_memory.survey().devices
    assert (mps.name, mps.total_bytes, mps.used_bytes) == ("mps", 16 * GIB, None)
    assert cpu.name == "cpu"


def test_it_loads_no_torch() -> None:
    code = (
        "import sys\nfrom mnistcore.devices import device_memory\ndevice_memory.survey()\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# ---------------------------------------------------------------- the machine's memory, and the container's


def machine(root: Path, **files: str) -> Path:
    """A system's files, named with ``__`` for ``/``; 1,000 kB of memory of which 400 are free."""
    files = {"proc__meminfo": "MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  400 kB\n", **files}
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_cpu_memory_is_read_from_the_system(tmp_path: Path) -> None:
    assert device_memory.cpu_memory(machine(tmp_path)) == (1000 * 1024, 600 * 1024)


def test_a_system_without_proc_is_told_by_psutil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert device_memory.cpu_memory(tmp_path)[0] == psutil.virtual_memory().total

    def fail() -> None:
        raise RuntimeError("not on this system")

    monkeypatch.setattr(psutil, "virtual_memory", fail)
    assert device_memory.cpu_memory(tmp_path) == (None, None)


def test_a_containers_limit_counts_version_2(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        proc__self__cgroup="0::/\n",
        **{
            "sys__fs__cgroup__memory.max": "204800\n",
            "sys__fs__cgroup__memory.current": "102400\n",
            "sys__fs__cgroup__memory.stat": "anon 1\nfile 30000\ninactive_file 2400\nactive_file 9\n",
        },
    )
    assert device_memory.cpu_memory(root) == (204800, 100000)


def test_the_tightest_group_on_the_way_up_counts(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        proc__self__cgroup="0::/jobs/mine\n",
        **{
            "sys__fs__cgroup__jobs__mine__memory.max": "max\n",
            "sys__fs__cgroup__jobs__mine__memory.current": "5\n",
            "sys__fs__cgroup__jobs__memory.max": "300000\n",
            "sys__fs__cgroup__jobs__memory.current": "200000\n",
            "sys__fs__cgroup__jobs__memory.stat": "inactive_file 0\n",
        },
    )
    assert device_memory.cpu_memory(root) == (300000, 200000)


@pytest.mark.parametrize("path", ["/docker/0123abcd", "/../..", "/"])
def test_a_containers_limit_counts_version_1(path: str, tmp_path: Path) -> None:
    # Inside the container its own group is the root of what is mounted, whatever /proc calls it.
    root = machine(
        tmp_path,
        proc__self__cgroup=f"12:cpu,cpuacct:{path}\n4:memory:{path}\n0::/\n",
        **{
            "sys__fs__cgroup__memory__memory.limit_in_bytes": "500000\n",
            "sys__fs__cgroup__memory__memory.usage_in_bytes": "400000\n",
            "sys__fs__cgroup__memory__memory.stat": "cache 5\ntotal_inactive_file 100000\n",
        },
    )
    assert device_memory.cpu_memory(root) == (500000, 300000)


def test_no_limit_of_version_1_is_a_very_large_number(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        proc__self__cgroup="4:memory:/\n",
        **{
            "sys__fs__cgroup__memory__memory.limit_in_bytes": "9223372036854771712\n",
            "sys__fs__cgroup__memory__memory.usage_in_bytes": "400000\n",
        },
    )
    assert device_memory.cpu_memory(root) == (1000 * 1024, 600 * 1024)


def test_a_limit_without_its_use_is_a_total(tmp_path: Path) -> None:
    root = machine(tmp_path, proc__self__cgroup="0::/\n", **{"sys__fs__cgroup__memory.max": "204800\n"})
    assert device_memory.cpu_memory(root) == (204800, None)


def test_cpu_title_falls_back(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Abacus 3000 @ 1 Hz\n", encoding="ascii")
    assert device_memory.cpu_title(tmp_path / "cpuinfo") == "Abacus 3000 @ 1 Hz"
    assert device_memory.cpu_title(tmp_path / "not there")
