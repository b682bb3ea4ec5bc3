//! The command line.
use crate::args::{Args, Command, parse};

fn line(line: &str) -> Result<Command, String> {
    parse(line.split_whitespace().map(str::to_owned))
}

#[test]
fn arguments_are_read() {
    assert_eq!(line(""), Ok(Command::Serve(Args::default())));
    assert_eq!(line("--port 7 --help"), Ok(Command::Help));
    let args = Args {
        port: 8080,
        db: "x.sqlite".into(),
    };
    assert_eq!(line("--port 8080 --db x.sqlite"), Ok(Command::Serve(args)));
}

#[test]
fn bad_arguments_are_refused_by_name() {
    let refused = |text, why: &str| assert_eq!(line(text), Err(why.to_owned()));
    refused("--port", "--port needs a value");
    refused(
        "--port 65536",
        "--port takes a number from 0 to 65535, not `65536`",
    );
    refused(
        "--port http",
        "--port takes a number from 0 to 65535, not `http`",
    );
    refused(
        "--colour red",
        "`--colour` is not an argument of this program",
    );
}
