"""Settings of every SQLite connection: write-ahead log, waiting for the other writer, durable at each commit."""

from typing import Any

from django.db.backends.signals import connection_created
from django.dispatch import receiver


@receiver(connection_created)
def prepare(sender: Any, connection: Any, **options: Any) -> None:
    """Set what SQLite forgets between connections."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA busy_timeout = 20000")
            cursor.execute("PRAGMA cache_size = -65536")
