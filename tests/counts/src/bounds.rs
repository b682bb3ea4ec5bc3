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
    "context"         context,                  793,        2.0,      408.0;
    "first"           first,                  2_810,      3.999,     567.56;
    "miss"            miss,                   2_390,      2.004,    225.344;
    "hit"             hit,                      199,        0.0,        0.0;
    "hit-of-1024"     hit_of_1024,              204,        0.0,        0.0;
    "hit-string"      hit_string,               514,        1.0,       24.0;
    "hit-by"          hit_by,                   323,        0.0,        0.0;
    "hit-ttl"         hit_ttl,                  273,        0.0,        0.0;
    "request-1-3"     request::<1>,           4_130,        4.0,      568.0;
    "request-5-15"    request::<5>,          18_260,       12.0,    1_208.0;
    "request-20-60"   request::<20>,         74_950,       44.0,    4_456.0;
    "diamond"         diamonds,              10_440,      9.998,   1_615.12;
    "chain"           chains,                11_630,     11.998,   1_719.12;
    "fan-out-vec"     fan_out_vec,           25_310,       25.0,    3_576.0;
    "fan-out-array"   fan_out_array,         24_570,       23.0,    2_296.0;
    "wait"            wait,                   7_300,        4.0,      904.0;
    "join"            join,                  11_650,        9.0,    1_416.0;
    "waiting-chain"   waiting_chains,        29_040,       17.0,    2_216.0;
    "insert-ttl"      insert_ttl,             2_210,      1.008,    291.584;
    "invalidate"      invalidate,               793,        1.0,       16.0;
};
