"""The web face: settings, base templates, static files, sign-in."""
