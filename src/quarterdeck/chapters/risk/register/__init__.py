"""The register of technology risk, in money."""
