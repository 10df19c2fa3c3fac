"""What changes organizations, their people and their parts: one module per noun."""
