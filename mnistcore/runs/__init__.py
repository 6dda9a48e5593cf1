"""Owns what is kept on disk and how: manifests, files, one step from the old to the new."""
