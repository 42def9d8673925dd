//! CEL rules compiled once against known fields and answered in three values.
