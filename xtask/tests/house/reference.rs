//! The generated pages of docs/reference/ are as the code says.

#[path = "../../examples/reference/pages.rs"]
mod pages;

use crate::files::root;

#[test]
fn generated_pages_are_as_the_code_says() {
    let differences = pages::differences(&root());
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}
