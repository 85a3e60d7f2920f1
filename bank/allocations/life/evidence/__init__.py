"""Which steps of a life take a document or minute that shows them: off until two people ask for it, step by step."""
