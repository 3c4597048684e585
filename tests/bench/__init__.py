"""Measurements beside other servers on the same data; run by ``script/bench``."""
