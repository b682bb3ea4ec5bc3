//! Calls, written for people.
use crate::guard::catch;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// Labels are cut at so many characters.
const LABEL: usize = 64;

/// Writes a call of a task for people.
pub(crate) struct Label<I>(pub(crate) fn(&I, &mut fmt::Formatter<'_>) -> fmt::Result);

impl<I> Label<I> {
    /// Foreign: it runs the input's `Debug`.
    pub(crate) fn of(&self, input: &I) -> Box<str> {
        let mut text = Cut(String::new(), LABEL);
        let shown = Shown(self, input);
        // Cut short, it stops with an error; if it panics, what it wrote until then stays.
        let _ = catch(|| fmt::Write::write_fmt(&mut text, format_args!("{shown}")));
        text.0.into_boxed_str()
    }
}

struct Shown<'a, I>(&'a Label<I>, &'a I);

impl<I> fmt::Display for Shown<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0.0)(self.1, f)
    }
}

/// Takes so many characters, then refuses.
struct Cut(String, usize);

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.1 == 0 {
                self.0.push('…');
                return Err(fmt::Error);
            }
            self.1 -= 1;
            self.0.push(character);
        }
        Ok(())
    }
}
