"""Charts: plain rows in, Vega-Lite specifications out, one theme in a light and a dark form."""
