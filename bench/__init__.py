"""Measurements against peers, and the large data set they run on. Nothing imports this app."""
