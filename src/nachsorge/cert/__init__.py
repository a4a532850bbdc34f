"""The CERT's server: intake, desk, registry, picture and releases (extra `cert`)."""
