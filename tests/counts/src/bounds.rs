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
    "context"         context,                  818,        2.0,      408.0;
    "first"           first,                  2_900,      3.999,     567.56;
    "miss"            miss,                   2_460,      2.004,    225.344;
    "hit"             hit,                      218,        0.0,        0.0;
    "hit-of-1024"     hit_of_1024,              225,        0.0,        0.0;
    "hit-string"      hit_string,               559,        1.0,       24.0;
    "hit-by"          hit_by,                   367,        0.0,        0.0;
    "hit-ttl"         hit_ttl,                  296,        0.0,        0.0;
    "request-1-3"     request::<1>,           4_230,        4.0,      568.0;
    "request-5-15"    request::<5>,          18_650,       12.0,    1_208.0;
    "request-20-60"   request::<20>,         76_410,       44.0,    4_456.0;
    "diamond"         diamonds,              10_580,      9.998,   1_327.12;
    "chain"           chains,                11_970,     11.998,   1_431.12;
    "fan-out-vec"     fan_out_vec,           25_370,       25.0,    2_856.0;
    "fan-out-array"   fan_out_array,         24_970,       23.0,    2_296.0;
    "wait"            wait,                   7_480,        5.0,      984.0;
    "join"            join,                  11_980,       11.0,    1_576.0;
    "waiting-chain"   waiting_chains,        29_870,       22.0,    2_328.0;
    "insert-ttl"      insert_ttl,             2_230,      1.008,    291.584;
    "invalidate"      invalidate,               793,        1.0,       16.0;
};
