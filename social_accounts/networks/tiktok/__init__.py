"""TikTok: Login Kit v2 and the Content Posting API v2, videos posted directly."""
