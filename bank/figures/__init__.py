"""Figures: the one registry of measures, each with its meaning, its working and the postings it rests on."""
