"""Addresses of the documents' pages."""

urlpatterns: list = []
