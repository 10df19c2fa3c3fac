"""Pretend social networks for trying and testing: a process of its own that imports nothing of the product."""
