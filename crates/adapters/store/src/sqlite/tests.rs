//! What only a store in a file has to stand: a second writer, a full disk, a file that is no store.
