"""LinkedIn, members and organization pages: REST API 202609."""
