"""Pack files and indicator files become a Pack: load, lint, library, new, schema, importers."""
