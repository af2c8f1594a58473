"""The estate: what the company has and intends; the kinds that several chapters share."""
