"""Bluesky: the AT Protocol, where an account (a DID) may live on any server (a PDS)."""
