"""Owns how a model is trained, alone and in several processes, and the order data, model, predictions, run."""
