//! How many times the limit it takes: runce, and the best peer.
use super::Canvas;
use crate::report::number;
use crate::row::{Role, Row, Unit};

const LEFT: f64 = 230.0;
const WIDTH: f64 = 400.0;
const TOP: f64 = 44.0;
const STEP: f64 = 34.0;

/// None if no row has a limit.
pub fn chart(rows: &[Row]) -> Option<String> {
    let with_limit = |row: &&Row| row.unit == Unit::Nanoseconds && shares(row).is_some();
    let rows: Vec<&Row> = rows.iter().filter(with_limit).collect();
    let shares: Vec<_> = rows.iter().filter_map(|row| shares(row)).collect();
    let most = shares
        .iter()
        .flat_map(|(runce, peer)| [*runce, peer.as_ref().map_or(1.0, |(_, peer)| *peer)]);
    let most = most.fold(10.0, f64::max).log10().ceil();
    // Logarithmic, from a third of the limit on.
    let x = |share: f64| WIDTH * ((share.log10() + 0.5) / (most + 0.5)).max(0.0);

    let bottom = TOP + STEP * rows.len() as f64;
    let mut canvas = Canvas::new();
    canvas.text(
        0.0,
        16.0,
        "",
        "start",
        "Time as a multiple of the limit (less is better)",
    );
    for power in 0..=most as i32 {
        let share = 10_f64.powi(power);
        canvas.axis((LEFT + x(share), TOP - 8.0), (LEFT + x(share), bottom));
        canvas.text(
            LEFT + x(share),
            TOP - 12.0,
            "small",
            "middle",
            &format!("{share}×"),
        );
    }
    for (at, (row, (runce, peer))) in rows.iter().zip(&shares).enumerate() {
        let y = TOP + STEP * at as f64;
        canvas.text(LEFT - 8.0, y + 15.0, "", "end", &row.name);
        canvas.bar(LEFT, y + 2.0, x(*runce), "runce");
        let label = format!("runce {}×", number(*runce));
        canvas.text(LEFT + x(*runce) + 5.0, y + 11.0, "small", "start", &label);
        if let Some((name, peer)) = peer {
            canvas.bar(LEFT, y + 14.0, x(*peer), "peer");
            let label = format!("{name} {}×", number(*peer));
            canvas.text(LEFT + x(*peer) + 5.0, y + 23.0, "small", "start", &label);
        }
    }
    (!rows.is_empty()).then(|| canvas.finish(LEFT + WIDTH + 180.0, bottom + 8.0))
}

type Peer = Option<(String, f64)>;

fn shares(row: &Row) -> Option<(f64, Peer)> {
    let limit = row.of(Role::Limit)?.value;
    let peer = row.best_peer();
    let peer = peer.map(|peer| (peer.name.clone(), peer.value / limit));
    Some((row.of(Role::Runce)?.value / limit, peer))
}
