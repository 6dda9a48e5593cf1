"""Owns the page on which a file from elsewhere becomes a run."""
