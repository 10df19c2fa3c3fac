"""Facebook Pages as of Graph API v25.0, below ``/-/facebook``. Every account here is a page; who consents runs all."""
