//! Stage 1, import: reads lists in any dialect, guesses the mapping, quarantines what cannot be read.
