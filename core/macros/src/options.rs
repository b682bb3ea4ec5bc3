//! What stands in the parentheses of `#[task(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, LitStr, Path, Result, Token};

const KNOWN: &str =
    "the options are `blocking`, `no_label`, `name = \"…\"` and `crate = path::to::runce`";

#[derive(Default)]
pub(crate) struct Options {
    /// Where it was asked for.
    pub(crate) blocking: Option<Span>,
    pub(crate) no_label: bool,
    pub(crate) name: Option<LitStr>,
    pub(crate) krate: Option<Path>,
}

impl Options {
    pub(crate) fn read(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        let given = syn::punctuated::Punctuated::<Given, Token![,]>::parse_terminated;
        for option in given.parse2(tokens)? {
            options.take(option)?;
        }
        Ok(options)
    }

    fn take(&mut self, Given { key, value }: Given) -> Result<()> {
        let repeated = match value {
            Value::Blocking => self.blocking.replace(key.span()).is_some(),
            Value::NoLabel => std::mem::replace(&mut self.no_label, true),
            Value::Name(name) => self.name.replace(name).is_some(),
            Value::Crate(path) => self.krate.replace(path).is_some(),
        };
        if repeated {
            let message = format!("`{key}` is given twice: remove one of them");
            return Err(Error::new(key.span(), message));
        }
        Ok(())
    }
}

/// One option as it was written.
struct Given {
    key: Ident,
    value: Value,
}

enum Value {
    Blocking,
    NoLabel,
    Name(LitStr),
    Crate(Path),
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error(format!("this is no option of `#[task]`: {KNOWN}")));
        }
        let key = input.call(Ident::parse_any)?;
        let value = match key.to_string().as_str() {
            "blocking" => Value::Blocking,
            "no_label" => Value::NoLabel,
            "name" => Value::Name(assigned(input, &key, "name = \"…\"")?),
            "crate" => Value::Crate(assigned(input, &key, "crate = path::to::runce")?),
            _ => return Err(unknown(&key)),
        };
        Ok(Self { key, value })
    }
}

fn assigned<T: Parse>(input: ParseStream<'_>, key: &Ident, form: &str) -> Result<T> {
    let value = input.parse::<Token![=]>().and_then(|_| input.parse());
    value.map_err(|error| {
        let message = format!("`{key}` is written `{form}`");
        Error::new(error.span(), message)
    })
}

fn unknown(key: &Ident) -> Error {
    let message = format!("`#[task]` has no option `{key}`: {KNOWN}");
    Error::new(key.span(), message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn refusal(tokens: TokenStream) -> String {
        match Options::read(tokens) {
            Ok(_) => panic!("accepted"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn all_options_in_any_order_with_a_trailing_comma() -> Result<()> {
        let options = Options::read(quote!(crate = a::b, no_label, name = "n", blocking,))?;
        assert!(options.blocking.is_some());
        assert!(options.no_label);
        assert_eq!(options.name.map(|name| name.value()).as_deref(), Some("n"));
        assert_eq!(options.krate.map(|path| path.segments.len()), Some(2));
        Ok(())
    }

    #[test]
    fn an_unknown_option_is_told_the_known_ones() {
        let message = refusal(quote!(block));
        assert!(message.contains("no option `block`"), "{message}");
        assert!(message.contains("`no_label`, `name"), "{message}");
    }

    #[test]
    fn a_literal_is_no_option() {
        assert!(refusal(quote!("user")).contains("the options are"));
    }

    #[test]
    fn an_option_is_given_once() {
        assert!(refusal(quote!(no_label, no_label)).contains("twice"));
    }

    #[test]
    fn an_option_without_its_value_is_told_the_form() {
        assert!(refusal(quote!(name)).contains("written `name = \"…\"`"));
        assert!(refusal(quote!(name = user)).contains("written `name = \"…\"`"));
    }
}
