//! Stage 8, handoff: decides who may enter the sequencer.
