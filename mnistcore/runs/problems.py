"""Owns why something in the runs' folder cannot be used as a run: reasons that are stable, and words for people."""

from dataclasses import dataclass
from enum import StrEnum

from mnistcore.errors import printable, shortened

MOST_SHOWN = 20  # problems that are named one by one where people look; the others are counted
LONGEST_DETAIL = 500  # characters of the description of a problem: a damaged file may have any text in it


class ProblemReason(StrEnum):
    """Why something in the folder is not shown as a run; the values are stable, pages translate them."""

    NOT_A_RUN = "not_a_run"
    HALF_WRITTEN = "half_written"
    DAMAGED_MANIFEST = "damaged_manifest"
    NEWER_SCHEMA = "newer_schema"
    MISSING_FILE = "missing_file"
    WRONG_SIZE = "wrong_size"
    SYMLINK = "symlink"
    NAME_MISMATCH = "name_mismatch"
    UNREADABLE = "unreadable"
    DAMAGED_FILE = "damaged_file"  # seen when the file is read, not when the runs are listed
    FOLDER_GONE = "folder_gone"  # the runs' folder itself: `FolderState.GONE`


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the runs' folder that cannot be shown; it is left alone."""

    name: str  # as it is called in the folder; what no screen can show is written out, see `errors.printable`
    reason: ProblemReason
    detail: str  # one English sentence for people who look after the folder

    @classmethod
    def of(cls, name: str, reason: ProblemReason, detail: str) -> "Problem":
        """A problem as it can be shown: everything printable, and not too long."""
        return cls(printable(name), reason, printable(shortened(detail, LONGEST_DETAIL)))


class RunFault(Exception):
    """Something in the folder cannot be used: a `Problem` in a list, else a `RunDamagedError`."""

    def __init__(self, reason: ProblemReason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)
