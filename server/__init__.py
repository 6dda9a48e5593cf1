"""Owns how the dashboard is served: who may open it, which pages are answered, the socket it listens on."""
