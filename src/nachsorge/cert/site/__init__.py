"""The one Django project: settings, addresses, the page around every page, middleware, and the keys of the instance."""
