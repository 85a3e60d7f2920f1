"""What each statement says, in what order and in which words: pure, from frozen figures to a document."""
