//! Starts the task.
fn main() {}
