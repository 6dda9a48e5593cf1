"""Owns the networks, and the way from images to logits."""
