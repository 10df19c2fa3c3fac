"""The roles of an organization as its screens show them: the matrix, the list, one role, two roles side by side."""
