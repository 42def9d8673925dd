//! Reads provider manifests (YAML), asks the vendors they describe and reads their answers.
