//! What happened, as a picture: panels of lines over time, in SVG.
mod axis;

use crate::cases::{Case, FLEET};
use crate::measured::Second;
use crate::report::thousands;
use crate::upstream::{Mood, Plan};
use axis::{Axis, Scale};
use std::fmt::{self, Write};
use std::time::Duration;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 980.0;
const TOP: f64 = 100.0;
/// Of a panel, and from one to the next.
const HEIGHT: f64 = 130.0;
const STRIDE: f64 = 200.0;
/// A line has no more points, or hardly.
const POINTS: usize = 360;

const STYLE: &str = "\
text { font: 12px sans-serif; fill: #333 }
.title { font-size: 17px; font-weight: bold }
.panel { font-size: 13px; font-weight: bold }
.phase { fill: #777; font-size: 11px; text-anchor: middle }
.x { text-anchor: middle }
.y { text-anchor: end }
.grid { stroke: #ddd }
.axis { stroke: #888; fill: none }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
";

struct Panel {
    title: &'static str,
    machines: usize,
    cases: &'static [&'static str],
    /// So many seconds make a point, or more where there are too many.
    seconds: usize,
    point: fn(&[Second]) -> f64,
    scale: Scale,
}

const ONE: [&str; 4] = ["no memo", "ttl", "fresh", "patient"];

const PANELS: [Panel; 5] = [
    Panel {
        title: "Calls upstream per second (mean of a minute)",
        machines: 1,
        cases: &ONE,
        seconds: 60,
        point: |all| all.iter().map(|at| f64::from(at.upstream)).sum::<f64>() / all.len() as f64,
        scale: Scale::Powers {
            floor: 0.01,
            top: 1e6,
        },
    },
    Panel {
        title: "Errors per second (most)",
        machines: 1,
        cases: &ONE,
        seconds: 1,
        point: |all| most(all, |at| at.errors.into()),
        scale: Scale::Powers {
            floor: 0.1,
            top: 1e6,
        },
    },
    Panel {
        title: "Oldest value served (minutes)",
        machines: 1,
        cases: &ONE,
        seconds: 1,
        point: |all| most(all, |at| at.oldest.as_secs_f64() / 60.0),
        scale: Scale::Linear,
    },
    Panel {
        title: "Longest wait (seconds)",
        machines: 1,
        cases: &ONE,
        seconds: 1,
        point: |all| most(all, |at| at.longest_wait.as_secs_f64()),
        scale: Scale::Linear,
    },
    Panel {
        title: "A fleet of 100 machines: most calls upstream in a second",
        machines: FLEET,
        cases: &["no jitter", "fresh"],
        seconds: 1,
        point: |all| most(all, |at| at.upstream.into()),
        scale: Scale::Linear,
    },
];

fn most(seconds: &[Second], of: fn(&Second) -> f64) -> f64 {
    seconds.iter().map(of).fold(0.0, f64::max)
}

/// Colour, and dashes.
fn look(name: &str) -> (&'static str, &'static str) {
    match name {
        "no memo" => ("#8c8c8c", ""),
        "ttl" => ("#e08a00", ""),
        "fresh" => ("#0072b2", ""),
        "patient" => ("#009e73", "7 4"),
        _ => ("#cc3d6e", ""),
    }
}

pub(crate) fn svg(cases: &[Case], plan: &Plan) -> Result<String, fmt::Error> {
    let mut svg = String::new();
    let height = TOP + STRIDE * PANELS.len() as f64;
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\">\n<style>\n{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
    )?;
    let title = format!("{} minutes of trouble upstream", plan.end().as_secs() / 60);
    text(&mut svg, "title", LEFT, 30.0, &title)?;
    legend(&mut svg)?;
    for (at, panel) in PANELS.iter().enumerate() {
        let top = TOP + STRIDE * at as f64;
        panel.draw(&mut svg, top, cases, plan)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn legend(svg: &mut String) -> fmt::Result {
    for (at, name) in ONE.iter().chain(&["no jitter"]).enumerate() {
        let x = LEFT + 120.0 * at as f64;
        line(svg, name, &[(x, 50.0), (x + 30.0, 50.0)])?;
        text(svg, "name", x + 38.0, 54.0, name)?;
    }
    let x = LEFT + 120.0 * 5.0;
    text(
        svg,
        "name",
        x,
        54.0,
        "(patient lies on fresh, where they agree)",
    )
}

impl Panel {
    fn draw(&self, svg: &mut String, top: f64, cases: &[Case], plan: &Plan) -> fmt::Result {
        let mut lines = Vec::new();
        for name in self.cases {
            let mut cases = cases.iter().filter(|case| case.machines == self.machines);
            if let Some(case) = cases.find(|case| case.name == *name) {
                lines.push((name, self.points(case, plan)));
            }
        }
        let values = lines.iter().flat_map(|(_, points)| points);
        let axis = Axis::new(self.scale, values.map(|(_, y)| *y).fold(0.0, f64::max));
        let across = Across(plan.end());

        text(svg, "panel", LEFT, top - 8.0, self.title)?;
        shade(svg, top, across, plan)?;
        grid(svg, top, &axis)?;
        across.draw(svg, top)?;
        for (name, points) in lines {
            let place = |(x, y)| (across.x(x), top + HEIGHT * (1.0 - axis.share(y)));
            let points: Vec<_> = points.into_iter().map(place).collect();
            line(svg, name, &points)?;
        }
        Ok(())
    }

    /// Second, and value.
    fn points(&self, case: &Case, plan: &Plan) -> Vec<(f64, f64)> {
        let length = plan.end().as_secs() as usize;
        let every = self.seconds.max(length / POINTS);
        let chunks = case.measured.seconds[..length].chunks(every);
        let middle = |at, all: &[Second]| (at * every) as f64 + all.len() as f64 / 2.0;
        let point = |(at, all)| (middle(at, all), (self.point)(all));
        chunks.enumerate().map(point).collect()
    }
}

/// What time is where.
#[derive(Clone, Copy)]
struct Across(Duration);

impl Across {
    fn x(self, seconds: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * seconds / self.0.as_secs_f64()
    }

    fn draw(self, svg: &mut String, top: f64) -> fmt::Result {
        let (width, bottom) = (RIGHT - LEFT, top + HEIGHT);
        writeln!(
            svg,
            "<rect class=\"axis\" x=\"{LEFT}\" y=\"{top}\" width=\"{width}\" height=\"{HEIGHT}\"/>"
        )?;
        let minutes = self.0.as_secs() / 60;
        for minute in (0..=minutes).step_by(if minutes > 20 { 5 } else { 1 }) {
            let x = self.x(minute as f64 * 60.0);
            writeln!(svg, "<path class=\"axis\" d=\"M{x:.1} {bottom}v5\"/>")?;
            text(svg, "x", x, bottom + 18.0, &minute.to_string())?;
        }
        text(svg, "y", LEFT - 8.0, bottom + 18.0, "minute")
    }
}

fn grid(svg: &mut String, top: f64, axis: &Axis) -> fmt::Result {
    for value in axis.ticks() {
        let y = top + HEIGHT * (1.0 - axis.share(value));
        writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>")?;
        let label = match value {
            1.0.. => thousands(value.round() as u64),
            _ => value.to_string(),
        };
        text(svg, "y", LEFT - 8.0, y + 4.0, &label)?;
    }
    Ok(())
}

fn shade(svg: &mut String, top: f64, across: Across, plan: &Plan) -> fmt::Result {
    for phase in plan.phases() {
        let [from, until] = [phase.from, phase.until].map(|at| across.x(at.as_secs_f64()));
        let colour = match phase.mood {
            Mood::Answers { after } if after < Duration::from_secs(1) => "#ffffff",
            Mood::Answers { .. } => "#fdf4d8",
            Mood::Fails => "#fbe3e0",
            Mood::Hangs => "#e9e1f4",
        };
        let width = until - from;
        writeln!(
            svg,
            "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{HEIGHT}\" \
             fill=\"{colour}\"/>"
        )?;
        text(svg, "phase", (from + until) / 2.0, top + 14.0, phase.name)?;
    }
    Ok(())
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) -> fmt::Result {
    writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"
    )
}

fn line(svg: &mut String, name: &str, points: &[(f64, f64)]) -> fmt::Result {
    let (colour, dashes) = look(name);
    write!(
        svg,
        "<polyline class=\"line\" stroke=\"{colour}\" stroke-dasharray=\"{dashes}\" points=\""
    )?;
    for (x, y) in points {
        write!(svg, "{x:.1},{y:.1} ")?;
    }
    writeln!(svg, "\"/>")
}
