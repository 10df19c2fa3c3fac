"""Telling the sandbox what to do: JSON for tests under ``/_control/``, a panel for people. This machine only."""
