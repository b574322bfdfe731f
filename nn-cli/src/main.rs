//! The `nn` program: checks, explains, trains and runs networks written as `.nn` specs.
//!
//! Errors go to the standard error, results to the standard output. Exit codes: 0 done, 1 the spec, the
//! data or an expectation failed, 2 usage; 130, 143 and 129 where SIGINT, SIGTERM or SIGHUP ended it.
//!
//! | module | subject |
//! | --- | --- |
//! | [`commands`] | one file a subcommand |
//! | [`spec`], [`examples`], [`weights`] | what is read: a spec, its examples, trained weights |
//! | [`files`], [`shapes`] | which files those are, and whether their rows fit the network |
//! | [`facts`], [`coverage`] | what lints want to know of the examples, and which classes have some |
//! | [`inspection`] | what `nn check` finds in them |
//! | [`program`] | the program that is built around a network and run as a child |
//! | [`arrays`], [`interrupts`], [`threads`] | what the child is handed: rows of numbers, Ctrl-C, how many threads |
//! | [`output`], [`replace`] | what is written: weights, and files as a whole or not at all |
//! | [`progress`], [`report`], [`measures`], [`plot`], [`console`], [`json`] | what is shown |
//! | [`non_finite`], [`error`], [`wording`] | how mistakes are described |

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
