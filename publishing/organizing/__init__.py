"""The screens of what keeps posts in order: labels, campaigns, hashtag lists, own fields, drafts, versions."""
