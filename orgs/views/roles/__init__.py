"""The screens of roles and packs."""
