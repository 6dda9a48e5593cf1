"""Owns trainings as processes: start, queue, watch, stop, resume; and sweeps of them."""
