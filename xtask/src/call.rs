//! One command that a task runs, in the root of the repository.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program and its arguments.
pub struct Call {
    program: String,
    arguments: Vec<String>,
}

impl Call {
    /// A call of the cargo that runs us.
    pub fn cargo(arguments: &[&str]) -> Call {
        Call::program("cargo", arguments)
    }

    /// A call of any program.
    pub fn program(program: &str, arguments: &[&str]) -> Call {
        Call { program: program.to_owned(), arguments: arguments.iter().map(|&argument| argument.to_owned()).collect() }
    }

    /// The same with one more argument.
    pub fn with(mut self, argument: &str) -> Call {
        self.arguments.push(argument.to_owned());
        self
    }

    /// Runs it, shows what it says, and tells whether it succeeded.
    pub fn succeeds(&self) -> bool {
        match self.command().status() {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("{self} cannot be started: {error}");
                false
            }
        }
    }

    /// Runs it in silence, and tells whether it succeeded: is that program there?
    pub fn succeeds_silently(&self) -> bool {
        let status = self.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }

    fn command(&self) -> Command {
        // Inside `cargo run` CARGO is the very cargo that runs us, whatever PATH says.
        let program = match (self.program.as_str(), std::env::var_os("CARGO")) {
            ("cargo", Some(cargo)) => cargo,
            (program, _) => program.into(),
        };
        let mut command = Command::new(program);
        command.args(&self.arguments).current_dir(root());
        command
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.program, self.arguments.join(" "))
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(xtask) => PathBuf::from(xtask).join(".."),
        None => PathBuf::from("."),
    }
}
