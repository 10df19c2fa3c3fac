"""An organization's whole access as one reviewable YAML file. The format is told in ``docs/access_file.md``."""
