//! Durations as people write them: `"500ms"`, `"1h30m"`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::time::Duration;
use syn::{Error, LitStr, Result};

type Unit = (&'static str, u64);
type Read<T> = std::result::Result<T, String>;

/// From long to short, in nanoseconds.
const UNITS: [Unit; 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

const KNOWN: &str = "the units are `d`, `h`, `m`, `s`, `ms`, `us` and `ns`";
const EXAMPLES: &str = "a duration is written as \"500ms\", \"30s\", \"5m\" or \"1h30m\"";

/// A duration that is not zero.
pub(crate) struct Lasting {
    pub(crate) place: Span,
    duration: Duration,
}

impl Lasting {
    pub(crate) fn read(written: &LitStr, if_zero: &str) -> Result<Self> {
        let place = written.span();
        let duration = read(&written.value()).map_err(|message| Error::new(place, message))?;
        if duration.is_zero() {
            return Err(Error::new(place, if_zero));
        }
        Ok(Self { place, duration })
    }

    pub(crate) fn value(&self) -> TokenStream {
        let (seconds, rest) = (self.duration.as_secs(), self.duration.subsec_nanos());
        quote!(::core::time::Duration::new(#seconds, #rest))
    }
}

fn read(text: &str) -> Read<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("nothing is written here: {EXAMPLES}"));
    }
    let (mut nanoseconds, mut units) = (0, &UNITS[..]);
    while !rest.is_empty() {
        let (number, after) = split(rest, |char| char.is_ascii_digit());
        let (unit, after) = split(after, |char| !char.is_ascii_digit() && char != ' ');
        let (size, smaller) = size(number, unit, units)?;
        nanoseconds += u128::from(count(number)?) * u128::from(size);
        (rest, units) = (after.trim_start(), smaller);
    }
    let seconds = nanoseconds / 1_000_000_000;
    let seconds = u64::try_from(seconds).map_err(|_| too_long(text))?;
    let rest = nanoseconds % 1_000_000_000;
    Ok(Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(rest).unwrap_or(0)))
}

fn split(text: &str, is_head: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|char| !is_head(char)).unwrap_or(text.len());
    text.split_at(end)
}

/// What the unit lasts, and the units that may come after it.
fn size<'a>(number: &str, unit: &str, units: &'a [Unit]) -> Read<(u64, &'a [Unit])> {
    if number.is_empty() {
        return Err(format!("there is no number before `{unit}`: {EXAMPLES}"));
    }
    if unit.is_empty() {
        return Err(format!("there is no unit after `{number}`: {KNOWN}"));
    }
    if unit.starts_with(['.', ',']) {
        return Err(format!("a number is whole: {EXAMPLES}"));
    }
    let is_it = |known: &Unit| known.0 == unit;
    match units.iter().position(is_it) {
        Some(index) => Ok((units[index].1, &units[index + 1..])),
        None if UNITS.iter().any(is_it) => Err(format!(
            "`{number}{unit}` comes too late: each unit is written once, the longer first"
        )),
        None => Err(format!("there is no unit `{unit}`: {KNOWN}")),
    }
}

fn count(number: &str) -> Read<u64> {
    number.parse().map_err(|_| too_long(number))
}

fn too_long(written: &str) -> String {
    format!(
        "`{written}` is too long: a duration has at most {} seconds",
        u64::MAX
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match read(text) {
            Ok(duration) => panic!("{text} is {duration:?}"),
            Err(message) => message,
        }
    }

    #[test]
    fn what_people_write_is_read() {
        for (text, wanted) in [
            ("7ns", 7),
            ("7us", 7_000),
            ("500ms", 500_000_000),
            ("30s", 30_000_000_000),
            ("5m", 300_000_000_000),
            ("1h", 3_600_000_000_000),
            ("1d", 86_400_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1h 30m", 5_400_000_000_000),
            ("1d2h3m4s5ms6us7ns", 93_784_005_006_007),
            ("0s", 0),
        ] {
            let read = read(text).map(|duration| duration.as_nanos());
            assert_eq!(read, Ok(wanted), "{text}");
        }
    }

    #[test]
    fn the_longest_is_what_a_duration_holds() {
        let most = u64::MAX;
        assert_eq!(read(&format!("{most}s999999999ns")), Ok(Duration::MAX));
        for text in [
            format!("{most}s1000000000ns"),
            format!("{most}m"),
            format!("{most}0ns"),
        ] {
            assert!(refusal(&text).contains("is too long"), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, wanted) in [
            ("", "nothing is written"),
            ("  ", "nothing is written"),
            ("m", "no number before `m`"),
            ("-5m", "no number before `-`"),
            ("5", "no unit after `5`"),
            ("5 m", "no unit after `5`"),
            ("1h30", "no unit after `30`"),
            ("5min", "no unit `min`"),
            ("5µs", "no unit `µs`"),
            ("1.5h", "a number is whole"),
            ("30m1h", "`1h` comes too late"),
            ("1m1m", "`1m` comes too late"),
        ] {
            let message = refusal(text);
            assert!(message.contains(wanted), "{text}: {message}");
        }
    }
}
