"""The situational picture and its releases."""
