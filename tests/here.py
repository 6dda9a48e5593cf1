"""Owns where a test's own artifacts and data sets lie: what MNISTCORE_ARTIFACTS and MNISTCORE_DATA name just now."""

from mnistcore.runs.store import Store
from mnistcore.workspace import Workspace


def here() -> Workspace:
    return Workspace.from_environment()


def store_here() -> Store:
    return Store(here().runs)
