"""Owns the version of this package; its parts ask here, and not the whole that imports them."""

__version__ = "0.2.0"
