"""What Meta's networks share: the Graph API, its errors, its tokens."""
