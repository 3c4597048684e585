"""Conformance of the OGC interface: ports of published test methods, and our own stronger checks."""
