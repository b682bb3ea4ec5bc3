//! The fn as it was written.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Result, Signature, Visibility};

/// A fn whose body is not looked into: a half-written one still gives an editor
/// all there is to know, and keeps its tokens and their places.
pub(crate) struct Item {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
}

impl Item {
    pub(crate) fn read(tokens: TokenStream) -> Result<Self> {
        if !has_fn(&tokens) {
            let message = "`#[task]` goes on a function: `async fn` or `fn`";
            return Err(Error::new_spanned(first(tokens), message));
        }
        syn::parse2(tokens)
    }

    pub(crate) fn with_body<T>(&self, accepted: T) -> Result<T> {
        match self.body.clone().into_iter().next() {
            Some(TokenTree::Group(_)) => Ok(accepted),
            _ => Err(Error::new_spanned(
                &self.body,
                "a task needs a body: put `#[task]` on the function that has it",
            )),
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

fn has_fn(tokens: &TokenStream) -> bool {
    tokens
        .clone()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "fn"))
}

/// The first token that is not of an attribute: what the thing is.
fn first(tokens: TokenStream) -> TokenStream {
    let is_attr = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == '#',
        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Bracket,
        _ => false,
    };
    tokens.into_iter().skip_while(is_attr).take(1).collect()
}
