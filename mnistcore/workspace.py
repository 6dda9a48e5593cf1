"""Owns where everything lies: made once at the edge (command line, dashboard, notebook), and passed on.

Nothing else reads the environment's MNISTCORE_ARTIFACTS, MNISTCORE_DATA, MNISTCORE_JOBS_PER_DEVICE,
MNISTCORE_MAX_HOURS and MNISTCORE_QUOTA_GB.
"""

import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ARTIFACTS, _DATA, _JOBS_PER_DEVICE = "MNISTCORE_ARTIFACTS", "MNISTCORE_DATA", "MNISTCORE_JOBS_PER_DEVICE"
_MAX_HOURS = "MNISTCORE_MAX_HOURS"
_QUOTA = "MNISTCORE_QUOTA_GB"
_BESIDE_DASHBOARD = Path(__file__).resolve().parent.parent / "artifacts"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one installation, how many of its trainings share a device, and how much disk it may use."""

    artifacts: Path  # what is made here: runs, trainings, records of loaded models
    data: Path  # data sets, in torchvision's layout
    jobs_per_device: int = 1  # trainings that may use one device at a time
    max_hours: float | None = None  # after which a training ends itself; None: as long as it takes
    quota_bytes: int | None = None  # that the artifacts may take; None: as many as the disk has

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] | None = None) -> Self:
        """What the environment names.

        Args:
            variables: the environment; this process's if None. ``MNISTCORE_ARTIFACTS``, else ``artifacts/`` beside
                dashboard.py; ``MNISTCORE_DATA``, else ``data/`` among the artifacts; ``MNISTCORE_JOBS_PER_DEVICE``,
                else 1; ``MNISTCORE_MAX_HOURS``, else None; ``MNISTCORE_QUOTA_GB``, a number of GiB such as 20 or 0.5,
                else no quota. What is empty, or no number from 1 (of hours and GiB: above 0), counts as not set.
        """
        variables = os.environ if variables is None else variables
        artifacts = _folder(variables.get(_ARTIFACTS)) or _BESIDE_DASHBOARD
        jobs = variables.get(_JOBS_PER_DEVICE, "")
        return cls(
            artifacts=artifacts,
            data=_folder(variables.get(_DATA)) or artifacts / "data",
            jobs_per_device=int(jobs) if jobs.isdigit() and int(jobs) > 0 else 1,
            max_hours=_hours(variables.get(_MAX_HOURS, "")),
            quota_bytes=_bytes(variables.get(_QUOTA, "")),
        )

    @classmethod
    def around(cls, runs: Path, *, data: Path | None = None, jobs_per_device: int = 1) -> Self:
        """The workspace that a folder of runs lies in, whatever the environment names."""
        artifacts = runs.parent
        return cls(artifacts, artifacts / "data" if data is None else data, jobs_per_device)

    @property
    def runs(self) -> Path:
        """The folder of the store; see `mnistcore.runs.store`."""
        return self.artifacts / "runs"

    @property
    def jobs(self) -> Path:
        """The folder of the trainings as processes; see `mnistcore.jobs.jobs`."""
        return self.artifacts / "jobs"

    @property
    def holders(self) -> Path:
        """The records of which process keeps which models loaded; see `mnistcore.models.held_models`."""
        return self.artifacts / "holders"

    def variables(self) -> dict[str, str]:
        """What tells a child process, which may stand in another folder, of this workspace."""
        quota = {} if self.quota_bytes is None else {_QUOTA: repr(self.quota_bytes / 2**30)}
        return quota | {
            _ARTIFACTS: str(self.artifacts.resolve()),
            _DATA: str(self.data.resolve()),
            _JOBS_PER_DEVICE: str(self.jobs_per_device),
            _MAX_HOURS: "" if self.max_hours is None else str(self.max_hours),
        }


def _hours(text: str) -> float | None:
    with suppress(ValueError):
        if 0 < (hours := float(text)) < math.inf:
            return hours
    return None


def _bytes(gib: str) -> int | None:
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d+)?)\s*(?:Gi?B?)?\s*", gib, flags=re.ASCII | re.IGNORECASE)
    return round(float(found.group(1)) * 2**30) or None if found else None


def _folder(named: str | None) -> Path | None:
    return Path(named).expanduser() if named else None
