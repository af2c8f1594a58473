"""Technical innovation and research: how work flows from idea to release."""
