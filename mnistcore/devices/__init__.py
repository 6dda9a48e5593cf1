"""Owns which devices are here, how full they are, and which one is taken."""
