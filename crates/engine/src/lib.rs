//! The run from top to bottom: carries values between the stages and performs their effects through ports.
