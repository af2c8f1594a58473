"""The text index of each database: FTS5 kept by triggers on SQLite, a GIN index on PostgreSQL.

Words come folded and cut from `kinds.search`; neither database takes them apart again, so both find the same in any script.
"""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE kinds_search USING fts5(words, content='kinds_searchentry', content_rowid='id', "
    "tokenize='ascii', detail='none', columnsize=0)",
    "CREATE TRIGGER kinds_search_added AFTER INSERT ON kinds_searchentry BEGIN "
    "INSERT INTO kinds_search(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER kinds_search_removed AFTER DELETE ON kinds_searchentry BEGIN "
    "INSERT INTO kinds_search(kinds_search, rowid, words) VALUES ('delete', old.id, old.words); END",
)
POSTGRESQL = (
    "CREATE INDEX kinds_search ON kinds_searchentry USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)


def add(apps, editor):
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement)


def remove(apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER kinds_search_added")
        editor.execute("DROP TRIGGER kinds_search_removed")
        editor.execute("DROP TABLE kinds_search")
    else:
        editor.execute("DROP INDEX kinds_search")


class Migration(migrations.Migration):
    dependencies = [("kinds", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
