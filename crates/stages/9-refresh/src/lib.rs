//! Stage 9, refresh: decides when a record is due again.
