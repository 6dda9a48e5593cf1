"""What holds for the project as a whole: its requirements, its settings, and what may be committed."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import conftest
from scripts.environment import requirement_lines
from scripts.project import ROOT
from scripts.serving import free_port
from tests.contrast import contrast

MIB = 1024 * 1024


def tracked_files() -> list[Path]:
    """What git holds or would take, still there; in a tree without git, what its .gitignore lets through."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True) if shutil.which("git") else None
    if listed is None or listed.returncode:
        return _files_not_ignored()
    return [path for path in (ROOT / name for name in listed.stdout.split("\0") if name) if path.is_file()]


def _files_not_ignored() -> list[Path]:
    rules = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    kept = {ROOT / rule[1:] for rule in rules if rule.startswith("!")}
    ignored = {path for rule in rules if not rule.startswith("!") for path in _matches(rule)}
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and ".git" not in path.parts and (path in kept or not ignored & {path, *path.parents})
    ]


def _matches(rule: str) -> Iterator[Path]:
    """A rule with a slash inside or in front counts from the root, any other everywhere."""
    name = rule.rstrip("/")
    return ROOT.glob(name.lstrip("/")) if "/" in name else ROOT.rglob(name)


def test_without_git_the_same_files_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tracked_files()
    assert Path(__file__) in found
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert sorted(found) == tracked_files()


REQUIREMENTS = [Requirement(line) for line in requirement_lines(ROOT / "requirements-dev.txt")]
TESTED = {
    canonicalize_name(wanted.name): wanted
    for wanted in map(Requirement, requirement_lines(ROOT / "requirements-tested.txt"))
}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_a_requirement_is_a_range_that_holds_what_is_installed_and_what_was_tested(
    requirement: Requirement,
) -> None:
    operators = {part.operator for part in requirement.specifier}
    assert ">=" in operators, "expected a lower bound"
    assert "==" not in operators, "expected a range: exact versions belong into requirements-tested.txt"
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        pytest.fail(f"{requirement.name} is not installed: run the tests with make test")
    assert requirement.specifier.contains(installed, prereleases=True), f"installed: {installed}"
    (tested,) = TESTED[canonicalize_name(requirement.name)].specifier
    assert tested.operator == "=="
    assert requirement.specifier.contains(tested.version), f"tested: {tested}"


def test_comments_and_included_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# words\n-r b.txt\npytest>=9  # why\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\ntorch>=2.10,<3\n", encoding="utf-8")
    assert requirement_lines(tmp_path / "a.txt") == ["torch>=2.10,<3", "pytest>=9"]


AS_SOMEBODY = """
import os, sys
from scripts import environment
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)  # root may do anything: be nobody
sys.argv = ["environment.py", "requirements.txt", *sys.argv[1:]]
sys.exit(environment.main())
"""


@pytest.mark.parametrize(
    ("closed", "options", "told"),
    [
        ("bin/python", (), "may not run it"),
        ("bin", (), "may not run it"),
        (".", (), "may not run it"),
        ("python not whole", (), "may not write there"),
        ("python not whole", ("--remove",), "may not write there"),
    ],
)
def test_an_environment_of_somebody_else_is_refused_and_left_alone(
    closed: str, options: tuple[str, ...], told: str
) -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to nobody
    try:
        folder.chmod(0o755)
        venv = folder / "venv"
        (venv / "bin").mkdir(parents=True)
        (venv / "pyvenv.cfg").touch()
        python = venv / "bin" / "python"
        python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        python.chmod(0o755)
        if closed == "python not whole":
            venv.chmod(0o555)
        else:
            (venv / closed).chmod(0o600)
        command = [sys.executable, "-c", AS_SOMEBODY, "--venv", str(venv), *options]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert (result.returncode, result.stdout) == (1, "")
        assert told in result.stderr
        assert "choose another VENV" in result.stderr
        for path in (venv, venv / "bin"):
            path.chmod(0o755)
        assert python.is_file()
    finally:
        shutil.rmtree(folder)


def settings() -> dict:
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def test_the_dashboard_stays_on_this_machine() -> None:
    server = settings()["server"]
    assert server["address"] == "127.0.0.1"
    assert set(server["allowedHosts"]) == {"localhost", "127.0.0.1", "::1"}
    assert settings()["browser"]["gatherUsageStats"] is False
    assert settings()["client"]["toolbarMode"] == "viewer"
    words = re.sub(r"#.*", "", (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert "://" not in words, "a font or theme from another place would be fetched by every browser"


def test_streamlit_takes_the_hosts_of_forwards_and_refuses_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.web.server.starlette import starlette_websocket

    hosts = settings()["server"]["allowedHosts"]
    monkeypatch.setattr(starlette_websocket.config, "get_option", {"server.allowedHosts": hosts}.__getitem__)
    for host in ("localhost:8501", "localhost:9999", "127.0.0.1:9999", "[::1]:9999"):
        assert starlette_websocket.is_host_allowed(host), host
    for host in (
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        None,
    ):
        assert not starlette_websocket.is_host_allowed(host), host


def test_every_setting_is_one_that_streamlit_knows() -> None:
    from streamlit import config

    def names(table: dict, prefix: str) -> list[str]:
        return [
            name
            for key, value in table.items()
            for name in (names(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"])
        ]

    known = {
        option
        for section in ("server", "browser", "client", "runner", "global", "logger")
        for option in _options(config, section)
    }
    known |= {option for section in ("theme", *THEME_SECTIONS) for option in _options(config, section)}
    assert set(names(settings(), "")) - known == set()


def _options(config: object, section: str) -> list[str]:
    return [f"{section}.{name}" for name in config.get_options_for_section(section)]


THEME_SECTIONS = ("theme.light", "theme.dark", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.mark.parametrize("section", THEME_SECTIONS)
def test_text_can_be_read(section: str) -> None:
    theme = settings()
    for key in section.split("."):
        theme = theme[key]
    background = theme["backgroundColor"]
    chosen = _mixed(theme["primaryColor"], background, share=0.1)  # what Streamlit puts behind a chosen segment
    assert contrast(theme["textColor"], background) >= 7
    assert contrast(theme["textColor"], theme["secondaryBackgroundColor"]) >= 7
    assert contrast(theme["linkColor"], background) >= 4.5
    assert contrast(theme["primaryColor"], background) >= 4.5
    assert contrast(theme["primaryColor"], chosen) >= 4.5


def _mixed(colour: str, background: str, *, share: float) -> str:
    pairs = [(int(colour[start : start + 2], 16), int(background[start : start + 2], 16)) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(share * front + (1 - share) * back):02x}" for front, back in pairs)


def test_contrast_is_what_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_results_and_data_are_not_committed() -> None:
    data = re.compile(r"\.(gz|zip|npz|npy|pt|pth|pkl|safetensors|parquet)$|-ubyte$")
    names = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    assert [name for name in names if data.search(name)] == []
    assert [name for name in names if name.startswith("artifacts/")] in ([], ["artifacts/.gitkeep"])
    rules = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"artifacts/*", "!artifacts/.gitkeep", ".venv/", "/build/"} <= set(rules)


def test_no_big_files_are_committed() -> None:
    def limit(path: Path) -> float:
        picture = path.is_relative_to(ROOT / "docs") and path.suffix in (
            ".png",
            ".gif",
            ".webp",
            ".svg",
            ".jpg",
        )
        return 1.5 * MIB if picture else MIB

    big = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes"
        for path in tracked_files()
        if path.stat().st_size > limit(path)
    ]
    assert big == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    folders = re.compile(r"(?<![\w.$}*-])/(?:" + "|".join(("work", "root", "Users/[a-z]", "home/[a-z]+")) + r")/")
    found = []
    for path in tracked_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(lines, 1)
            if folders.search(line)
        ]
    assert found == []


@pytest.mark.parametrize("has_data", [True, False])
def test_the_build_machine_tests_in_an_empty_environment(has_data: bool, tmp_path: Path) -> None:
    checkout, tools, files = tmp_path / "checkout", tmp_path / "tools", tmp_path / "shared" / "data" / "mnist"
    for folder in (checkout / ".ci", tools, files):
        folder.mkdir(parents=True)
    shutil.copy2(ROOT / ".ci" / "run", checkout / ".ci")
    if has_data:
        (files / "train.gz").touch()
    make = tools / "make"
    make.write_text('#!/bin/sh\n[ "$*" = test ] && /usr/bin/env\n', encoding="utf-8")
    make.chmod(0o755)
    surroundings = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONUNBUFFERED": "1",
        "LANG": "ja_JP.eucJP",
    }
    result = subprocess.run([checkout / ".ci" / "run"], env=surroundings, check=True, capture_output=True, text=True)
    seen = dict(line.split("=", 1) for line in result.stdout.splitlines() if "=" in line)
    expected = {"PATH": surroundings["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "CI": "true"}
    if has_data:
        expected["MNISTCORE_DATA"] = str(checkout / "build" / "data")
        assert (checkout / "build" / "data" / "MNIST" / "raw" / "train.gz").is_file()
    assert {name: value for name, value in seen.items() if name not in ("PWD", "SHLVL", "_")} == expected


@pytest.mark.parametrize(
    ("target", "typed", "told"),
    [
        ("run", "PORT=abc", "PORT=abc is not a port: expected a number from 1 to 65535"),
        ("serve", "PORT=99999", "PORT=99999 is not a port"),
        ("run", "HOSTS=hub!", "hub! is not a host name"),
        ("serve", 'HOSTS=a"b', 'a"b is not a host name'),
        ("run", "PYTHON=missing", "missing is not there: expected Python 3.11 or newer"),
        ("test", "PYTHON=python3 -u", "python3 -u is not there: expected Python 3.11 or newer"),
        ("run", "PYTHON=/bin/echo", "/bin/echo is not a Python that runs: expected Python 3.11 or newer"),
        ("run", "PYTHON=TOO_OLD", "too-old is too old: expected Python 3.11 or newer"),
        ("run", "VENV=", "VENV= is not a folder"),
        ("check", "VENV=Makefile", "VENV=Makefile is not a folder"),
        ("run", "VENV=mnistcore", "mnistcore is not a virtual environment"),
        ("run", "TORCH_INDEX=cu128", "TORCH_INDEX=cu128 is not a URL: expected one that begins with https://"),
        ("test", "TORCH_INDEX=download.pytorch.org/whl/cpu", "is not a URL"),
        ("run", "TORCH_INDEX=https://", "is not a URL"),
        ("run", "SYSTEM_TORCH=perhaps", "SYSTEM_TORCH=perhaps is neither yes nor no: expected 1 or 0"),
        ("test", "CHROMIUM=/missing", "CHROMIUM=/missing does not run: expected the path"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_once(target: str, typed: str, told: str, tmp_path: Path) -> None:
    if typed.endswith("TOO_OLD"):
        old = tmp_path / "too-old"
        old.write_text("#!/bin/sh\necho Python 3.06\n", encoding="utf-8")
        old.chmod(0o755)
        typed = f"PYTHON={old}"
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["make", f"PORT={free_port()}", "VENV=docs", target, typed]  # docs is none: refused too, but later
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert told in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_only_these_tests_may_be_skipped() -> None:
    marked: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.Assign) and ast.unparse(function).startswith("pytestmark = pytest.mark.needs_"):
                marked.setdefault(ast.unparse(function.value).removeprefix("pytest.mark."), []).append(path.name)
            for decorator in getattr(function, "decorator_list", []):
                if (name := ast.unparse(decorator)).startswith("pytest.mark.needs_"):
                    marked.setdefault(name.removeprefix("pytest.mark."), []).append(function.name)
    assert marked == {
        "needs_cuda": ["test_cuda.py"],
        "needs_accounts": ["test_accounts.py"],
        "needs_mnist": [
            "test_the_real_mnist_is_the_one_that_runs_were_made_with",
            "test_what_is_in_mnists_files_is_known",
            "test_no_image_of_mnist_is_warned_of",
        ],
        "needs_sshd": ["test_through_a_real_ssh_on_another_port", "test_through_a_real_ssh_to_a_socket"],
    }


SKIPPING = """
import os, pytest

@pytest.mark.skipif(True, reason="not as root")
def test_by_mark(): pass

def test_by_call(): pytest.skip("not here")

@pytest.mark.parametrize("value", [])
def test_of_nothing(value): pass

def test_that_passes():
    assert not {"PYTHONUNBUFFERED", "http_proxy", "HTTPS_PROXY"} & set(os.environ)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""

def example():
    '''
    >>> 1 + 1  # doctest: +SKIP
    3
    '''

@pytest.mark.needs_mnist
def test_of_the_real_mnist(): pass
"""


def test_any_other_skip_fails_and_the_callers_surroundings_are_kept_out(tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING, encoding="utf-8")
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_module')", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-c", os.devnull]
    command += ["--doctest-modules", "--import-mode=importlib", "--continue-on-collection-errors", "-rA", str(tmp_path)]
    surroundings = {"PYTHONUNBUFFERED": "1", "http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    environment = os.environ | surroundings | {"MNISTCORE_DATA": str(tmp_path)}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    found = re.findall(
        r"^(PASSED|FAILED|ERROR|SKIPPED) .*?(test_skipping.py::[\w.]+|test_module.py|needs .*)",
        result.stdout,
        re.MULTILINE,
    )
    assert sorted(found) == [
        ("ERROR", "test_module.py"),
        ("ERROR", "test_skipping.py::test_by_mark"),
        ("ERROR", "test_skipping.py::test_of_nothing"),
        ("FAILED", "test_skipping.py::test_by_call"),
        ("FAILED", "test_skipping.py::test_skipping.example"),
        ("PASSED", "test_skipping.py::test_that_passes"),
        ("SKIPPED", "needs MNIST's files"),
    ], result.stdout
    assert result.returncode == 1


@pytest.mark.parametrize(("said", "seen"), [(None, None), ("all", None), ("1", "1"), ("", "")])
def test_only_a_test_that_needs_a_gpu_sees_those_of_the_machine(
    said: str | None, seen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""
    if said is None:
        monkeypatch.delenv(conftest.HIDDEN_GPUS)
    else:
        monkeypatch.setenv(conftest.HIDDEN_GPUS, said)
    assert conftest._with_gpus().get("CUDA_VISIBLE_DEVICES") == seen
