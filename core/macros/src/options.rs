//! What stands in the parentheses of `#[task(…)]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, ExprPath, LitInt, LitStr, Path, Result, Token};

use crate::lasting::Lasting;
use crate::refuse::Refusals;

const KNOWN: &str = "the options are `blocking`, `ttl = \"5m\"`, `error_ttl = \"10s\"`, \
    `retention = path::to::fn`, `limit = \"30s\"`, `concurrency = 8`, `queue = 100`, \
    `weight = path::to::fn`, `no_label`, `name = \"…\"` and `crate = path::to::runce`";

const NO_LIMIT: &str = "a limit of zero lets no run end: leave `limit` out, or allow some time";

#[derive(Default)]
pub(crate) struct Options {
    /// Where it was asked for.
    pub(crate) blocking: Option<Span>,
    pub(crate) no_label: bool,
    pub(crate) name: Option<LitStr>,
    pub(crate) krate: Option<Path>,
    pub(crate) ttl: Option<Lasting>,
    pub(crate) error_ttl: Option<Lasting>,
    pub(crate) retention: Option<ExprPath>,
    pub(crate) limit: Option<Lasting>,
    pub(crate) weight: Option<ExprPath>,
    pub(crate) concurrency: Option<Number>,
    pub(crate) queue: Option<Number>,
}

/// A number, or a path to one.
pub(crate) struct Number {
    pub(crate) tokens: TokenStream,
    place: Span,
}

impl Options {
    /// Those that are right, and what is wrong with the others.
    pub(crate) fn read(tokens: TokenStream) -> (Self, Refusals) {
        let read = |input: ParseStream<'_>| {
            let (mut options, mut refusals) = (Self::default(), Refusals::default());
            while !input.is_empty() {
                if let Err(error) = options.one(input) {
                    refusals.take(error);
                    skip(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            options.retention_alone(&mut refusals);
            options.no_queue_alone(&mut refusals);
            Ok((options, refusals))
        };
        read.parse2(tokens)
            .unwrap_or_else(|error| (Self::default(), Refusals::from(error)))
    }

    fn one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let Given { key, value } = input.parse()?;
        let repeated = match value {
            Value::Blocking => self.blocking.replace(key.span()).is_some(),
            Value::NoLabel => std::mem::replace(&mut self.no_label, true),
            Value::Name(name) => self.name.replace(name).is_some(),
            Value::Crate(path) => self.krate.replace(path).is_some(),
            Value::Ttl(time) => self.ttl.replace(time).is_some(),
            Value::ErrorTtl(time) => self.error_ttl.replace(time).is_some(),
            Value::Retention(path) => self.retention.replace(path).is_some(),
            Value::Limit(time) => self.limit.replace(time).is_some(),
            Value::Weight(path) => self.weight.replace(path).is_some(),
            Value::Concurrency(number) => self.concurrency.replace(number).is_some(),
            Value::Queue(number) => self.queue.replace(number).is_some(),
        };
        if repeated {
            let message = format!("`{key}` is given twice: remove one of them");
            return Err(Error::new(key.span(), message));
        }
        Ok(())
    }

    fn retention_alone(&self, refusals: &mut Refusals) {
        if self.retention.is_none() {
            return;
        }
        for (key, time) in [("ttl", &self.ttl), ("error_ttl", &self.error_ttl)] {
            if let Some(time) = time {
                let message = format!(
                    "`retention` decides about every outcome: let it return what `{key}` says, \
                    and remove `{key}`"
                );
                refusals.take(Error::new(time.place, message));
            }
        }
    }
}

impl Options {
    fn no_queue_alone(&self, refusals: &mut Refusals) {
        if let (Some(queue), None) = (&self.queue, &self.concurrency) {
            let message = "`queue` bounds how many runs wait for their turn: say with \
                `concurrency` how many go on at once";
            refusals.take(Error::new(queue.place, message));
        }
    }
}

/// Up to the next comma.
fn skip(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
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
    Ttl(Lasting),
    ErrorTtl(Lasting),
    Retention(ExprPath),
    Limit(Lasting),
    Weight(ExprPath),
    Concurrency(Number),
    Queue(Number),
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
            "ttl" => Value::Ttl(ttl(input, &key, "ttl = \"5m\"")?),
            "error_ttl" => Value::ErrorTtl(ttl(input, &key, "error_ttl = \"10s\"")?),
            "retention" => Value::Retention(assigned(input, &key, "retention = path::to::fn")?),
            "limit" => Value::Limit(lasting(input, &key, "limit = \"30s\"", NO_LIMIT)?),
            "weight" => Value::Weight(assigned(input, &key, "weight = path::to::fn")?),
            "concurrency" => Value::Concurrency(concurrency(input, &key)?),
            "queue" => Value::Queue(assigned(input, &key, "queue = 100")?),
            _ => return Err(unknown(&key)),
        };
        ended(input, &key)?;
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

fn ttl(input: ParseStream<'_>, key: &Ident, form: &str) -> Result<Lasting> {
    let if_zero = format!(
        "a TTL of zero means no TTL: leave `{key}` out, or, to remember nothing, return \
        `Retention::CallersOnly` from a function, `retention = path::to::fn`"
    );
    lasting(input, key, form, &if_zero)
}

fn lasting(input: ParseStream<'_>, key: &Ident, form: &str, if_zero: &str) -> Result<Lasting> {
    Lasting::read(&assigned(input, key, form)?, if_zero)
}

fn concurrency(input: ParseStream<'_>, key: &Ident) -> Result<Number> {
    let number: Number = assigned(input, key, "concurrency = 8")?;
    if number.tokens.to_string() == "0" {
        let message = "none at once lets no run begin: leave `concurrency` out, or allow some";
        return Err(Error::new(number.place, message));
    }
    Ok(number)
}

impl Parse for Number {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let place = input.span();
        if input.peek(LitInt) {
            let number = input.parse::<LitInt>()?;
            let _: usize = number.base10_parse()?;
            let tokens = number.into_token_stream();
            return Ok(Self { tokens, place });
        }
        let tokens = input.parse::<ExprPath>()?.into_token_stream();
        Ok(Self { tokens, place })
    }
}

fn ended(input: ParseStream<'_>, key: &Ident) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error(format!("a comma is missing after the option `{key}`")))
}

fn unknown(key: &Ident) -> Error {
    let message = format!("`#[task]` has no option `{key}`: {KNOWN}");
    Error::new(key.span(), message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn refusals(tokens: TokenStream) -> Vec<String> {
        let (_, refusals) = Options::read(tokens);
        let errors = refusals.or(()).expect_err("refused");
        errors.into_iter().map(|error| error.to_string()).collect()
    }

    fn refusal(tokens: TokenStream) -> String {
        refusals(tokens).remove(0)
    }

    #[test]
    fn all_options_in_any_order_with_a_trailing_comma() -> Result<()> {
        let (options, refusals) = Options::read(quote!(
            crate = a::b,
            weight = w,
            no_label,
            ttl = "1s",
            name = "n",
            error_ttl = "1s",
            blocking,
            limit = "1s",
            queue = super::QUEUE,
            concurrency = 8,
        ));
        refusals.or(())?;
        assert!(options.blocking.is_some());
        assert!(options.no_label);
        assert_eq!(options.name.map(|name| name.value()).as_deref(), Some("n"));
        assert_eq!(options.krate.map(|path| path.segments.len()), Some(2));
        assert!(options.ttl.is_some() && options.error_ttl.is_some());
        assert!(options.limit.is_some() && options.weight.is_some());
        let number = |number: Option<Number>| number.map(|number| number.tokens.to_string());
        assert_eq!(number(options.concurrency).as_deref(), Some("8"));
        assert_eq!(number(options.queue).as_deref(), Some("super :: QUEUE"));
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
        assert!(refusal(quote!(ttl = "1s", ttl = "2s")).contains("twice"));
    }

    #[test]
    fn an_option_without_its_value_is_told_the_form() {
        assert!(refusal(quote!(name)).contains("written `name = \"…\"`"));
        assert!(refusal(quote!(name = user)).contains("written `name = \"…\"`"));
        assert!(refusal(quote!(ttl = 5)).contains("written `ttl = \"5m\"`"));
    }

    #[test]
    fn all_that_is_wrong_is_said_and_what_is_right_is_taken() {
        let tokens =
            quote!(blok(1, 2), crate = a::b, ttl = "0s" no_label, limit = "0s", name = "n");
        let said = refusals(tokens.clone());
        let wanted = ["no option", "TTL of zero", "lets no run end"];
        assert_eq!(said.len(), wanted.len(), "{said:?}");
        for (said, wanted) in said.iter().zip(wanted) {
            assert!(said.contains(wanted), "{said}");
        }
        let (options, _) = Options::read(tokens);
        assert!(options.krate.is_some() && options.name.is_some());
    }

    #[test]
    fn numbers_are_numbers_and_a_queue_stands_before_something() {
        for wrong in [quote!(concurrency = "8"), quote!(concurrency)] {
            assert!(refusal(wrong).contains("written `concurrency = 8`"));
        }
        assert!(refusal(quote!(concurrency = 0)).contains("lets no run begin"));
        assert!(refusal(quote!(queue = 7)).contains("with `concurrency`"));
        assert!(refusal(quote!(concurrency = 1, queue = -1)).contains("written `queue = 100`"));
    }

    #[test]
    fn a_comma_between_options_is_missed() {
        assert!(refusal(quote!(no_label blocking)).contains("a comma is missing"));
    }

    #[test]
    fn retention_goes_with_no_ttl() {
        let said = refusals(quote!(ttl = "1s", retention = keep, error_ttl = "1s"));
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("remove `ttl`"), "{said:?}");
    }
}
