//! The input of a call: nothing, one value, or a tuple.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;

use crate::expand::Task;
use crate::signature::Input;
use crate::tokens::ends;

pub(crate) fn ty(task: &Task) -> TokenStream {
    let types = task.signature.inputs.iter().map(|input| owned(task, input));
    one_or_tuple(task, types)
}

/// Made from the parameters of the fn that makes the call.
pub(crate) fn value(task: &Task) -> TokenStream {
    let krate = task.krate();
    let owned = |input: &Input| {
        let name = &input.name;
        if input.borrowed().is_none() {
            return quote!(#name);
        }
        quote!(#krate::__private::ToOwned::to_owned(#name))
    };
    one_or_tuple(task, task.signature.inputs.iter().map(owned))
}

/// Takes it apart again, into [`names`].
pub(crate) fn pattern(task: &Task) -> TokenStream {
    one_or_tuple(task, names(task).map(|name| quote!(#name)))
}

pub(crate) fn names(task: &Task) -> impl Iterator<Item = Ident> {
    (0..task.signature.inputs.len()).map(|index| format_ident!("part{index}"))
}

/// The type that the input keeps, at the place of the one that was written.
pub(crate) fn owned(task: &Task, input: &Input) -> TokenStream {
    let ty = &input.ty;
    let borrowed = input.borrowed();
    borrowed.map_or_else(|| quote!(#ty), |ty| owned_form(task, ty))
}

/// Spelled out for what people read in their docs.
fn owned_form(task: &Task, ty: &Type) -> TokenStream {
    let (start, end) = ends(ty);
    let krate = task.krate_at(start);
    match ty {
        Type::Path(path) if path.path.is_ident("str") => {
            quote_spanned!(start=> #krate::__private::String)
        }
        Type::Slice(slice) => {
            let element = &slice.elem;
            quote_spanned!(start=> #krate::__private::Vec<#element>)
        }
        ty => {
            let owned = quote_spanned!(end=> ::Owned);
            quote_spanned!(start=> <#ty as #krate::__private::ToOwned>#owned)
        }
    }
}

/// A tuple has the place of the fn's name: errors about one of its parts show it.
fn one_or_tuple(task: &Task, parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<_> = parts.collect();
    match &parts[..] {
        [part] => part.clone(),
        parts => quote_spanned!(task.item.sig.ident.span()=> (#(#parts),*)),
    }
}
