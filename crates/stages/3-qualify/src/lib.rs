//! Stage 3, qualify: suppresses the untouchable and asks whether a record fits the ICP, before money is spent.
