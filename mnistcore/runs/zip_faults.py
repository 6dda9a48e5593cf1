"""Owns what the standard library raises of a zip or a packed stream that somebody has broken: it has many."""

import lzma
import struct
import zipfile
import zlib
from typing import Final

# ValueError: names that are no UTF-8, places before the file; RuntimeError: a password; IndexError, OverflowError and
# struct.error: numbers that do not fit. An InputError is a ValueError too: whoever catches these lets it through.
ZIP_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    IndexError,
    OverflowError,
)
