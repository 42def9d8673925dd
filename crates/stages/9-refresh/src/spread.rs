//! Spreads due dates: each record has its own place within an interval, always the same.

/// The place of a record within an interval, from 0 (earliest) up to but not including 1. A stable hash of its id, so
/// that a list imported on one day does not come due on one day, and a restart or a second worker says the same.
/// `purpose` keeps two intervals of one record apart.
pub(crate) fn place(evergreen_id: &str, purpose: &str) -> f64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(purpose.as_bytes());
    hasher.update(b"\0");
    hasher.update(evergreen_id.as_bytes());
    let mut bytes = [0_u8; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    // 53 bits are exact in a float, so the result stays below 1.
    (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
}
