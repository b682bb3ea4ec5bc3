//! What is asked for on the command line.
use crate::harness::Effort;
use std::path::PathBuf;

pub struct Options {
    /// Part of a scenario's name.
    pub filter: String,
    pub effort: Effort,
    /// Print each contestant.
    pub all: bool,
    /// Say which targets are missed.
    pub check: bool,
    /// Where charts go.
    pub svg: Option<PathBuf>,
    /// What has tables between marks.
    pub readme: Option<PathBuf>,
}

const USAGE: &str = "\
usage: runce-bench [FILTER] [--quick] [--all] [--check] [--svg DIR] [--readme FILE]

  FILTER         only the scenarios and curves whose name contains it
  --quick        fewer and shorter samples
  --all          print each contestant
  --check        say which targets are missed, and fail if one is
  --svg DIR      draw the charts there
  --readme FILE  put the tables between the marks in that file";

impl Options {
    pub fn parse() -> Result<Self, String> {
        let mut options = Self {
            filter: String::new(),
            effort: Effort::FULL,
            all: false,
            check: false,
            svg: None,
            readme: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut path = || arguments.next().map(PathBuf::from).ok_or(USAGE);
            match &*argument {
                "--quick" => options.effort = Effort::QUICK,
                "--all" => options.all = true,
                "--check" => options.check = true,
                "--svg" => options.svg = Some(path()?),
                "--readme" => options.readme = Some(path()?),
                flag if flag.starts_with('-') => return Err(USAGE.to_owned()),
                _ => options.filter = argument,
            }
        }
        Ok(options)
    }
}
