"""The screens of organizations, one module per noun."""
