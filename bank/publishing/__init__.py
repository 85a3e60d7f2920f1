"""Publishing: statements gathered as at one day and as known at one moment, typeset, and filed for good."""
