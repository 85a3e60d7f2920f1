"""The life of a facility beside its money: steps, conditions, covenants, amendments, co-investors and match."""
