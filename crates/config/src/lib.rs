//! evergreen.yaml read into checked settings, with file, line and column in every complaint.
