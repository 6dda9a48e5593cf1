"""Owns the lessons: each is one screen with a question, a guess by the reader, what is so, and why."""
