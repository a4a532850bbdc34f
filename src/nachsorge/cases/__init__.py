"""A case on disk: what was read, what people decided, what was judged when; nothing in it is changed or removed."""
