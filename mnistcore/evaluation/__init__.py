"""Owns the way from predictions to all the numbers of a page, and which images lie behind a part of it."""
