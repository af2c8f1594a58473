"""A whole invented company, as the very files a user would import; it stands alone and knows nothing of the product."""

from quarterdeck.sample.folder import TODAY, Layout, Source, write, write_later
from quarterdeck.sample.repositories import materialise

__all__ = ("TODAY", "Layout", "Source", "materialise", "write", "write_later")
