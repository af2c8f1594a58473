"""The lake: collected evidence as Parquet by table, snapshots that make it visible, suggestions to the estate."""
