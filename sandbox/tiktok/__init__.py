"""TikTok's Login Kit and Content Posting API v2, below ``/-/tiktok``."""
