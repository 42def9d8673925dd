//! Stage 4, enrich: decides which source to ask next for a missing field and what it may cost.
