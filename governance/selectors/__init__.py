"""Reads that join several models for one screen."""
