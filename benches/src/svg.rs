//! The charts: plain SVG, that fits light and dark pages.
mod bars;
mod lines;

use crate::row::{Curve, Row};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

/// What is grey is the limit, what is blue is runce, what is orange a peer.
const STYLE: &str = "\
<style>
text { font: 13px system-ui, sans-serif; fill: #333 }
.small { font-size: 11px; fill: #666 }
.axis { stroke: #8888; stroke-width: 1 }
.limit { fill: #999; stroke: #999 }
.runce { fill: #2f6fde; stroke: #2f6fde }
.peer { fill: #d9822b; stroke: #d9822b }
path { fill: none !important; stroke-width: 2 }
text.limit, text.runce, text.peer { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd }
  .small { fill: #aaa }
  .runce { fill: #6ea0ff; stroke: #6ea0ff }
  .peer { fill: #f0a860; stroke: #f0a860 }
}
</style>
";

pub fn write(folder: &Path, rows: &[Row], curves: &[Curve]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if let Some(chart) = bars::chart(rows) {
        fs::write(folder.join("scenarios.svg"), chart)?;
    }
    if !curves.is_empty() {
        fs::write(folder.join("growth.svg"), lines::chart(curves))?;
    }
    Ok(())
}

/// What is drawn, from its parts.
struct Canvas(String);

impl Canvas {
    fn new() -> Self {
        Self(STYLE.to_owned())
    }

    fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            self.0,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    fn bar(&mut self, x: f64, y: f64, width: f64, class: &str) {
        let _ = writeln!(
            self.0,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"9\" class=\"{class}\"/>"
        );
    }

    fn axis(&mut self, from: (f64, f64), to: (f64, f64)) {
        let _ = writeln!(
            self.0,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" class=\"axis\"/>",
            from.0, from.1, to.0, to.1
        );
    }

    fn path(&mut self, points: &[(f64, f64)], class: &str) {
        let points: Vec<_> = points
            .iter()
            .map(|(x, y)| format!("{x:.1} {y:.1}"))
            .collect();
        let _ = writeln!(
            self.0,
            "<path d=\"M{}\" class=\"{class}\"/>",
            points.join(" L")
        );
    }

    fn finish(self, width: f64, height: f64) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n{}</svg>\n",
            self.0
        )
    }
}
