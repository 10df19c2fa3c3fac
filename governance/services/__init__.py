"""What changes rules and reviews: one module per noun."""
