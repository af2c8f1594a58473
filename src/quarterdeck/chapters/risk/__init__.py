"""Technology risk: what may go wrong and what it costs."""
