"""What a loan facility's agreement says of interest, fees and repayment: dated, agreed by two, never edited."""
