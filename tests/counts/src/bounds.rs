//! The most that a round of each scenario may cost.
use crate::scenarios::*;

pub(crate) struct Bound {
    pub(crate) name: &'static str,
    pub(crate) play: fn(u64),
    /// Some six percent above what was counted: compilers differ.
    pub(crate) instructions: u64,
    /// What was counted, as all that follows.
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
}

macro_rules! bounds {
    ($($name:literal $play:expr, $instructions:literal, $allocations:literal, $bytes:literal;)*) => {
        &[$(Bound {
            name: $name,
            play: $play,
            instructions: $instructions,
            allocations: $allocations,
            bytes: $bytes,
        }),*]
    };
}

#[rustfmt::skip]
pub(crate) const BOUNDS: &[Bound] = bounds! {
    // name                           instructions, allocations,   bytes
    "context"         context,                  942,        2.0,      408.0;
    "first"           first,                  3_170,      3.999,     607.56;
    "miss"            miss,                   2_610,      2.004,    265.344;
    "hit"             hit,                      231,        0.0,        0.0;
    "hit-of-1024"     hit_of_1024,              330,        0.0,        0.0;
    "hit-string"      hit_string,               534,        1.0,       24.0;
    "hit-by"          hit_by,                   324,        0.0,        0.0;
    "hit-ttl"         hit_ttl,                  305,        0.0,        0.0;
    "request-1-3"     request::<1>,           4_770,        4.0,      608.0;
    "request-5-15"    request::<5>,          20_840,       12.0,    1_408.0;
    "request-20-60"   request::<20>,         86_000,       46.0,    5_492.0;
    "diamond"         diamonds,              11_460,      9.998,   1_919.12;
    "chain"           chains,                12_710,     11.998,   2_079.12;
    "fan-out-vec"     fan_out_vec,           28_630,       27.0,    4_532.0;
    "fan-out-array"   fan_out_array,         28_050,       25.0,    2_932.0;
    "wait"            wait,                   7_580,        4.0,      944.0;
    "join"            join,                  11_870,        9.0,    1_456.0;
    "waiting-chain"   waiting_chains,        29_860,       17.0,    2_576.0;
    "insert-ttl"      insert_ttl,             2_220,      1.008,    291.584;
    "invalidate"      invalidate,               779,        1.0,       16.0;
};
