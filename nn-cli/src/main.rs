//! The `nn` program: checks, explains, trains and runs networks written as `.nn` specs.
//!
//! Errors go to the standard error, results to the standard output. Exit codes: 0 success; 1 an
//! error in the spec or the data, or a missed expectation; 2 wrong usage; 130, 143 and 129 after
//! SIGINT, SIGTERM and SIGHUP.
//!
//! | module | subject |
//! | --- | --- |
//! | [`commands`] | one file for each subcommand |
//! | [`spec`], [`examples`], [`weights`] | the input: a spec, its data, trained weights |
//! | [`files`], [`shapes`], [`limits`] | the files of the data, and whether their rows fit the network |
//! | [`facts`], [`coverage`] | facts about the data for lints, and classes without rows |
//! | [`inspection`] | the data as `nn check` sees it |
//! | [`program`] | the program of a network, run as a child process |
//! | [`arrays`], [`interrupts`], [`signal`], [`threads`] | what the child process gets: rows of numbers, Ctrl-C, the number of threads |
//! | [`output`], [`replace`] | the files for weights, and replacing a file as a whole |
//! | [`progress`], [`report`], [`measures`], [`plot`], [`console`], [`json`] | the output |
//! | [`non_finite`], [`error`], [`wording`] | the errors, and how messages are worded |

#![forbid(unsafe_code)]

mod arrays;
mod commands;
mod console;
mod coverage;
mod error;
mod examples;
mod facts;
mod files;
mod inspection;
mod interrupts;
mod json;
mod limits;
mod measures;
mod non_finite;
mod output;
mod plot;
mod program;
mod progress;
mod replace;
mod report;
mod shapes;
mod signal;
mod spec;
mod threads;
mod weights;
mod wording;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Check, explain, train and run neural networks written as `.nn` specs.
#[derive(Parser)]
#[command(name = "nn", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    match command.run().and_then(|()| interrupts::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::error(&error);
            interrupts::signal().map_or(ExitCode::FAILURE, |signal| signal.exit_code().into())
        }
    }
}
