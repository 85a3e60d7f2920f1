"""Which accepted returns count, of each facility and quarter, and what their reports come to."""
