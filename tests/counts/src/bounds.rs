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
    "context"         context,                  879,        2.0,      392.0;
    "first"           first,                  3_970,      3.999,    639.576;
    "miss"            miss,                   3_470,      2.004,    313.344;
    "hit"             hit,                      231,        0.0,        0.0;
    "hit-of-1024"     hit_of_1024,              327,        0.0,        0.0;
    "hit-string"      hit_string,               552,        1.0,       24.0;
    "hit-by"          hit_by,                   360,        0.0,        0.0;
    "hit-ttl"         hit_ttl,                  305,        0.0,        0.0;
    "request-1-3"     request::<1>,           5_260,        4.0,      648.0;
    "request-5-15"    request::<5>,          24_940,       14.0,    1_876.0;
    "request-20-60"   request::<20>,         94_850,       46.0,    6_444.0;
    "diamond"         diamonds,              16_070,     12.998,   2_199.12;
    "chain"           chains,                19_830,     17.998,  2_675.152;
    "fan-out-vec"     fan_out_vec,           38_010,       27.0,    5_004.0;
    "fan-out-array"   fan_out_array,         37_410,       25.0,    3_404.0;
    "wait"            wait,                   7_850,        4.0,      984.0;
    "join"            join,                  11_940,        9.0,    1_496.0;
    "waiting-chain"   waiting_chains,        32_970,       19.0,    3_044.0;
    "insert-ttl"      insert_ttl,             2_500,       1.02,    468.544;
    "invalidate"      invalidate,               729,        1.0,       16.0;
};
