"""Instagram, professional accounts: Graph API v25.0 by Facebook Login."""
