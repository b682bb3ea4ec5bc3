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
    "context"         context,                  936,        2.0,      408.0;
    "first"           first,                  3_110,      3.999,     607.56;
    "miss"            miss,                   2_550,      2.004,    265.344;
    "hit"             hit,                      196,        0.0,        0.0;
    "hit-of-1024"     hit_of_1024,              310,        0.0,        0.0;
    "hit-string"      hit_string,               526,        1.0,       24.0;
    "hit-by"          hit_by,                   325,        0.0,        0.0;
    "hit-ttl"         hit_ttl,                  270,        0.0,        0.0;
    "request-1-3"     request::<1>,           4_800,        4.0,      608.0;
    "request-5-15"    request::<5>,          21_030,       12.0,    1_408.0;
    "request-20-60"   request::<20>,         86_900,       46.0,    5_492.0;
    "diamond"         diamonds,              11_280,      9.998,   1_775.12;
    "chain"           chains,                12_490,     11.998,   1_919.12;
    "fan-out-vec"     fan_out_vec,           28_250,       27.0,    4_212.0;
    "fan-out-array"   fan_out_array,         27_500,       25.0,    2_932.0;
    "wait"            wait,                   7_430,        4.0,      944.0;
    "join"            join,                  11_670,        9.0,    1_456.0;
    "waiting-chain"   waiting_chains,        29_090,       17.0,    2_416.0;
    "insert-ttl"      insert_ttl,             2_240,      1.008,    291.584;
    "invalidate"      invalidate,               793,        1.0,       16.0;
};
