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
    "hit"             hit,                      343,        0.0,        0.0;
    "hit-of-1024"     hit_of_1024,              348,        0.0,        0.0;
    "hit-string"      hit_string,               596,        1.0,       24.0;
    "hit-ttl"         hit_ttl,                  813,        0.0,        0.0;
    "request-1-3"     request::<1>,           5_260,        4.0,      640.0;
    "request-5-15"    request::<5>,          24_700,       12.0,    1_632.0;
    "request-20-60"   request::<20>,         94_850,       46.0,    6_436.0;
    "diamond"         diamonds,              16_390,     14.998,  2_263.152;
    "chain"           chains,                18_440,     15.998,  2_431.152;
    "fan-out-vec"     fan_out_vec,           39_320,       31.0,    5_284.0;
    "fan-out-array"   fan_out_array,         38_330,       29.0,    3_684.0;
    "wait"            wait,                   8_350,        6.0,    1_096.0;
    "join"            join,                  12_150,       10.0,    1_576.0;
    "waiting-chain"   waiting_chains,        32_390,       19.0,    2_920.0;
    "insert-ttl"      insert_ttl,             2_280,      1.008,    315.584;
    "invalidate"      invalidate,               729,        1.0,       16.0;
};
