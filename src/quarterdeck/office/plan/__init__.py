"""The plan: gathered from the estate, chosen, looked ahead on, changed for what-ifs, held against its baseline."""
