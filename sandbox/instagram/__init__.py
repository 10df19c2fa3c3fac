"""Instagram as of Graph API v25.0, below ``/-/instagram``. Every account is professional and has a page behind it."""
