//! The store over SQLite: one database file, WAL, one transaction per stage transition.
