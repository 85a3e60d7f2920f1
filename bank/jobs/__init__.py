"""Jobs: work that takes longer than an answer may; asked for once, done by one worker at a time, told step by step."""
