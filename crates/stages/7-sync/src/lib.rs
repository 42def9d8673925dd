//! Stage 7, sync: plans the exact change to the portal, guards it and explains it.
