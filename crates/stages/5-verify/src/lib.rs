//! Stage 5, verify: turns what DNS and parsing say into verdicts, a score and a gate.
