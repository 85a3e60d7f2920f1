"""How far a facility's credit has fallen: its stage, what is overdue, what loss is expected and allowed for."""
