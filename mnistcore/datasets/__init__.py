"""Owns what is classified: the data sets, reading and downloading them, their splits, pictures of one's own."""
