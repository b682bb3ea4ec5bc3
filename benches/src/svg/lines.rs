//! Cost of one element against their number, both logarithmic.
use super::Canvas;
use crate::report::value;
use crate::row::{Curve, Line, Role, Unit};

const COLUMNS: usize = 2;
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 150.0;
const GAP: f64 = 80.0;

pub fn chart(curves: &[Curve]) -> String {
    let mut canvas = Canvas::new();
    for (at, curve) in curves.iter().enumerate() {
        let (column, row) = (at % COLUMNS, at / COLUMNS);
        let left = 60.0 + column as f64 * (WIDTH + GAP);
        let top = 30.0 + row as f64 * (HEIGHT + GAP);
        Plot::of(curve, left, top).draw(curve, &mut canvas);
    }
    let rows = curves.len().div_ceil(COLUMNS) as f64;
    let columns = curves.len().min(COLUMNS) as f64;
    canvas.finish(columns * (WIDTH + GAP) + 20.0, rows * (HEIGHT + GAP))
}

struct Plot {
    left: f64,
    top: f64,
    /// Powers of ten.
    sizes: (f64, f64),
    costs: (f64, f64),
}

impl Plot {
    fn of(curve: &Curve, left: f64, top: f64) -> Self {
        let points = || curve.lines.iter().flat_map(|line| &line.points);
        let sizes = points().map(|(size, _)| (*size as f64).log10());
        let costs = points().map(|(_, cost)| cost.log10());
        let (least, most) = bounds(costs);
        Self {
            left,
            top,
            sizes: bounds(sizes),
            costs: (least.floor(), most.ceil()),
        }
    }

    fn at(&self, size: f64, cost: f64) -> (f64, f64) {
        let share = |(least, most): (f64, f64), value: f64| (value - least) / (most - least);
        let x = self.left + WIDTH * share(self.sizes, size.log10());
        let y = self.top + HEIGHT * (1.0 - share(self.costs, cost.log10()));
        (x, y)
    }

    fn draw(&self, curve: &Curve, canvas: &mut Canvas) {
        let title = format!("{}: cost of one", curve.name);
        canvas.text(self.left, self.top - 12.0, "", "start", &title);
        for power in self.costs.0 as i32..=self.costs.1 as i32 {
            let cost = 10_f64.powi(power);
            let (_, y) = self.at(1.0, cost);
            canvas.axis((self.left, y), (self.left + WIDTH, y));
            let label = value(cost, Unit::Nanoseconds);
            canvas.text(self.left - 5.0, y + 4.0, "small", "end", &label);
        }
        let sizes = curve.lines.first().map_or(&[][..], |line| &line.points);
        for (size, _) in sizes {
            let (x, _) = self.at(*size as f64, 1.0);
            let y = self.top + HEIGHT + 15.0;
            canvas.text(x, y, "small", "middle", &short(*size));
        }
        curve.lines.iter().for_each(|line| self.line(line, canvas));
    }

    fn line(&self, line: &Line, canvas: &mut Canvas) {
        let class = match line.role {
            Role::Runce => "runce",
            Role::Limit => "limit",
            Role::Peer | Role::Aside => "peer",
        };
        let points = line
            .points
            .iter()
            .map(|(size, cost)| self.at(*size as f64, *cost));
        let points: Vec<_> = points.collect();
        canvas.path(&points, class);
        let (x, y) = points[points.len() / 2];
        canvas.text(x, y - 6.0, &format!("small {class}"), "middle", &line.name);
    }
}

fn short(size: u64) -> String {
    match size {
        1_000_000.. => format!("{}M", size / 1_000_000),
        1_000.. => format!("{}k", size / 1_000),
        _ => size.to_string(),
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), value| (least.min(value), most.max(value)),
    )
}
