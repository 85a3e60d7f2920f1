"""What a statement costs to set, beside what its pages cost the typesetter by themselves."""
