"""Network adapters: everything that knows how a social network speaks. Start with ``base.py``."""
