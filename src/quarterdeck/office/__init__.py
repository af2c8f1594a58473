"""The office: what needs all chapters at once; desk, candidates, plan, what-if, drift, documents."""
