"""Owns which processes of ours use how much of a device's memory, and having it released."""
