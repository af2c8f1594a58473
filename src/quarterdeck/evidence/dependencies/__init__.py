"""Components that software is made of, from lock files, bills of materials and installed Python packages."""

from quarterdeck.evidence.dependencies.collecting import CURRENT, READER, read
from quarterdeck.evidence.dependencies.package_urls import Package, package, package_of
from quarterdeck.evidence.dependencies.tables import COMPONENT_EDGES, COMPONENTS

__all__ = ["COMPONENTS", "COMPONENT_EDGES", "CURRENT", "READER", "Package", "package", "package_of", "read"]
