//! Fakes, behaviour suites and the simulated world; never shipped.
