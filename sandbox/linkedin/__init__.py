"""LinkedIn, REST API 202609, below ``/-/linkedin``. An account is a person and a page; everybody runs all pages."""
