"""A notification for platforms of others, one file a format."""
