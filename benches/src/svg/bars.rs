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
    let all = || {
        let both =
            |(runce, peer): &(f64, Peer)| [*runce, peer.as_ref().map_or(*runce, |peer| peer.1)];
        shares.iter().flat_map(both)
    };
    // Powers of ten.
    let most = all().fold(10.0, f64::max).log10().ceil();
    let least = all().fold(1.0, f64::min).log10().floor();
    let x = |share: f64| LEFT + WIDTH * (share.log10() - least) / (most - least);

    let bottom = TOP + STEP * rows.len() as f64;
    let mut canvas = Canvas::new();
    canvas.text(
        0.0,
        16.0,
        "",
        "start",
        "Time as a multiple of the limit (less is better)",
    );
    for power in least as i32..=most as i32 {
        let share = 10_f64.powi(power);
        canvas.axis((x(share), TOP - 8.0), (x(share), bottom));
        canvas.text(
            x(share),
            TOP - 12.0,
            "small",
            "middle",
            &format!("{share}×"),
        );
    }
    // From the limit, to the right if it is slower, to the left if it is faster.
    let bar = |canvas: &mut Canvas, y: f64, name: &str, share: f64, class: &str| {
        let (from, to) = (x(share.min(1.0)), x(share.max(1.0)));
        canvas.bar(from, y, to - from, class);
        let label = format!("{name} {}×", number(share));
        canvas.text(to + 5.0, y + 9.0, "small", "start", &label);
    };
    for (at, (row, (runce, peer))) in rows.iter().zip(&shares).enumerate() {
        let y = TOP + STEP * at as f64;
        canvas.text(LEFT - 8.0, y + 15.0, "", "end", &row.name);
        bar(&mut canvas, y + 2.0, "runce", *runce, "runce");
        if let Some((name, peer)) = peer {
            bar(&mut canvas, y + 14.0, name, *peer, "peer");
        }
    }
    (!rows.is_empty()).then(|| canvas.finish(LEFT + WIDTH + 180.0, bottom + 8.0))
}

type Peer = Option<(String, f64)>;

fn shares(row: &Row) -> Option<(f64, Peer)> {
    // Of two threads each is compared with itself.
    let limit = row
        .of(Role::Limit)
        .filter(|limit| !limit.name.starts_with("itself"))?;
    let limit = limit.value;
    let peer = row.best_peer();
    let peer = peer.map(|peer| (peer.name.clone(), peer.value / limit));
    Some((row.of(Role::Runce)?.value / limit, peer))
}
