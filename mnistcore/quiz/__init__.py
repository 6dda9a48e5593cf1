"""Owns the questions that are made of an evaluation, as homework, too: their words, worksheet, key and marks."""
