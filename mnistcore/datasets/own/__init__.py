"""Owns data sets of one's own: reading them from folders, archives and tables, and keeping what was read."""
