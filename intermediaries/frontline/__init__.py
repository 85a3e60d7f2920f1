"""Those finally helped: charities, social enterprises, mutuals and groups, known by all their identifiers."""
