"""Owns where the project lies: the folder that every path in a test, a script or a benchmark counts from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
