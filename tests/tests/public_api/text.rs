//! Code as one line, spaced as people would.
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

pub(crate) fn text(code: &impl ToTokens) -> String {
    let mut words = Vec::new();
    flatten(code.to_token_stream(), &mut words);
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 && is_space_between(&words[at - 1], word) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn flatten(code: TokenStream, words: &mut Vec<String>) {
    for token in code {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.push(open.to_owned());
                flatten(group.stream(), words);
                words.push(close.to_owned());
            }
            token => push(token.to_string(), words),
        }
    }
}

/// `->`, `::` and lifetimes come in pieces.
fn push(word: String, words: &mut Vec<String>) {
    match words.last_mut() {
        Some(last) if matches!((&**last, &*word), ("-", ">") | (":", ":")) => last.push_str(&word),
        Some(last) if last == "'" => last.push_str(&word),
        _ => words.push(word),
    }
}

fn is_space_between(before: &str, after: &str) -> bool {
    if matches!(after, "," | ";" | ":" | "::" | ">" | ")" | "]") {
        return false;
    }
    if matches!(before, "(" | "[" | "<" | "::" | "&" | "?") {
        return false;
    }
    let name = before.ends_with(|c: char| c.is_alphanumeric() || c == '_') || before == ">";
    !(name && matches!(after, "<" | "("))
}

#[test]
fn code_is_spaced_as_people_would() {
    for line in [
        "fn f<'a, T: ?Sized + 'a>(&'a mut self, x: [u8; 2]) -> Result<(A,), &'a T>",
        "impl for<'a> Fn(&'a S) -> Box<dyn Future<Output = ()> + Send + 'a>",
        "<I::Item as Member<S>>::Output",
    ] {
        assert_eq!(text(&line.parse::<TokenStream>().unwrap()), line);
    }
}
