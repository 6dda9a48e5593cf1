"""Scripts that measure and print, each run by hand: python -m benchmarks.NAME; see docs/benchmarks.md."""
