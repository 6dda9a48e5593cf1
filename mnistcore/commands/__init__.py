"""Owns the commands of ``python -m mnistcore``, a module for each family of them."""
