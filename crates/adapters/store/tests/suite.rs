//! The behaviour suite, run against SQLite: once over a file, once in memory.

use std::sync::Arc;

use evergreen_store::SqliteStore;
use evergreen_testing::SeededChance;
use evergreen_testing::store_suite::Subject;

mod in_a_file {
    use super::*;

    async fn empty() -> Subject {
        let folder = tempfile::tempdir().expect("a fresh store opens");
        let store = SqliteStore::open(&folder.path().join("evergreen.db"), &SeededChance::new(1))
            .await
            .expect("a fresh store opens");
        Subject { store: Arc::new(store), keep: Box::new(folder) }
    }

    evergreen_testing::store_suite!(empty);
}

mod in_memory {
    use super::*;

    async fn empty() -> Subject {
        let store = SqliteStore::open_memory(&SeededChance::new(1)).await.expect("a fresh store opens");
        Subject { store: Arc::new(store), keep: Box::new(()) }
    }

    evergreen_testing::store_suite!(empty);
}
