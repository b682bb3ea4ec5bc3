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
    // name                        instructions, allocations,  bytes
    "context"         context,             1_560,      2.0,      448.0;
    "first"           first,               5_590,      6.0,    1_152.0;
    "miss"            miss,                3_870,    2.004,    297.344;
    "hit"             hit,                   427,      0.0,        0.0;
    "hit-of-1024"     hit_of_1024,           458,      0.0,        0.0;
    "hit-string"      hit_string,            644,      1.0,       24.0;
    "hit-ttl"         hit_ttl,               754,      0.0,        0.0;
    "request-1-3"     request::<1>,        6_640,      6.0,    1_152.0;
    "request-5-15"    request::<5>,       26_900,     16.0,    2_268.0;
    "request-20-60"   request::<20>,     100_400,     48.0,    6_596.0;
    "diamond"         diamonds,           19_500,     19.0,    3_528.0;
    "chain"           chains,             24_200,     24.0,    4_764.0;
    "fan-out-vec"     fan_out_vec,        43_500,     33.0,    5_604.0;
    "fan-out-array"   fan_out_array,      42_400,     31.0,    4_004.0;
    "wait"            wait,                9_660,      8.0,    1_608.0;
    "join"            join,               13_600,     12.0,    2_088.0;
    "waiting-chain"   waiting_chains,     36_500,     27.0,    5_252.0;
    "insert-ttl"      insert_ttl,          2_490,     1.02,    468.544;
    "invalidate"      invalidate,            742,      1.0,       16.0;
};
