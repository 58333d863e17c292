"""Model → text on a CPU, in NumPy: no torch, so that it starts at once and never waits for torch's threads."""
