"""Case studies: what became of single onward loans, told in words by two people's leave and the borrower's consent."""
