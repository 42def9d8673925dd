//! Starts the program: logs to stderr, then the command line over the wiring.

use std::process::ExitCode;

use evergreen::Wiring;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("EVERGREEN_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!(
                "error[EG-START-001]: the program cannot start its threads\n  why: {error}\n  fix: close other programs and try again"
            );
            return ExitCode::FAILURE;
        }
    };
    let exit = runtime.block_on(evergreen_cli::main(&Wiring, std::env::args_os()));
    ExitCode::from(exit.code())
}
