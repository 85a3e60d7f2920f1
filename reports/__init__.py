"""The statements: frozen figures in, documents out. Opens no database and no socket."""
