"""What was predicted elsewhere, and how it becomes a run: handed over in Python, or read from a file."""
