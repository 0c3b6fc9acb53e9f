//! The `plefka` program: a thin command line over the library.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    plefka::cli::main()
}
