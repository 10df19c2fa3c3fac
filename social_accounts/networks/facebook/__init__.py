"""Facebook Pages: Graph API v25.0, Facebook Login."""
