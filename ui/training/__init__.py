"""Owns the parts of the training page: the form, what is said before the start, one training live, the list."""
