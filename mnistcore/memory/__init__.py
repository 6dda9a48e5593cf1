"""Owns who holds how much of a device's memory, and giving it back."""
