#![doc = include_str!("../README.md")]

mod alloc;
mod growth;
mod harness;
mod options;
mod peers;
mod poll;
mod readme;
mod report;
mod row;
mod scenarios;
mod svg;
mod targets;

use options::Options;
use row::{Curve, Row};
use std::io;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::FAILURE;
        }
    };
    // What spawns without being told where, does so there.
    let _inside = scenarios::runtime().enter();
    let figures = Figures::measure(&options);
    if figures.rows.is_empty() && figures.curves.is_empty() {
        eprintln!("nothing is called `{}`", options.filter);
        return ExitCode::FAILURE;
    }
    if let Err(error) = figures.write(&options) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    match options.check {
        true => figures.check(),
        false => ExitCode::SUCCESS,
    }
}

struct Figures {
    rows: Vec<Row>,
    curves: Vec<Curve>,
    /// What was printed.
    tables: String,
}

impl Figures {
    fn measure(options: &Options) -> Self {
        let mut figures = Self {
            rows: Vec::new(),
            curves: Vec::new(),
            tables: String::new(),
        };
        figures.scenarios(options);
        for curve in growth::curves(options.effort, &options.filter) {
            figures.print(&report::curve(&curve));
            figures.curves.push(curve);
        }
        if options.all {
            figures
                .rows
                .iter()
                .for_each(|row| print!("{}", report::all(row)));
        }
        figures
    }

    fn scenarios(&mut self, options: &Options) {
        let all = scenarios::all().into_iter();
        let mut wanted = all
            .filter(|scenario| scenario.name.contains(&options.filter))
            .peekable();
        if wanted.peek().is_some() {
            self.print(report::HEAD);
        }
        for row in wanted.flat_map(|scenario| scenario.rows(options.effort)) {
            self.print(&report::line(&row));
            self.rows.push(row);
        }
    }

    /// As soon as it is there.
    fn print(&mut self, text: &str) {
        print!("{text}");
        self.tables.push_str(text);
    }

    fn write(&self, options: &Options) -> io::Result<()> {
        if let Some(folder) = &options.svg {
            svg::write(folder, &self.rows, &self.curves)?;
        }
        match &options.readme {
            Some(path) => readme::put(path, &self.tables),
            None => Ok(()),
        }
    }

    fn check(&self) -> ExitCode {
        let missed = targets::missed(&self.rows, &self.curves);
        for sentence in &missed {
            eprintln!("{sentence}");
        }
        match missed.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }
}
