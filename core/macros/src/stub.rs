//! What stands for a function that cannot be a task, so that those who call it are told nothing
//! more: a call of a task with the same output, that is never run. It names no type of its own,
//! so it may stand in an `impl` as well. The body is left out: it may rest on what was refused.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, FnArg, Signature as Sig, Type};

use crate::attrs::Attrs;
use crate::generics::Generics;
use crate::item::Item;
use crate::signature::{Output, Signature};
use crate::tokens::{borrows, has_impl, mentions};

pub(crate) fn stub(item: &Item, krate: &TokenStream, error: &Error) -> TokenStream {
    let Item { vis, sig, .. } = item;
    let errors = error.to_compile_error();
    let attrs = Attrs::sort(&item.attrs);
    let (cfg, attrs) = (&attrs.everywhere, &attrs.call);
    let guess = Signature::guess(sig);
    let generics = Generics::split(&sig.generics, &guess).call;
    let (params, _, bounds) = generics.split_for_impl();
    let contexts = contexts(sig);
    let (name, inputs, outcome) = (&sig.ident, inputs(sig), outcome(krate, &guess.output));
    quote! {
        #errors
        #(#cfg)* #(#attrs)*
        #vis fn #name #params (#(#inputs),*)
            -> #krate::Call<#krate::__private::Refused<#outcome>, ()> #bounds {
            #(let _: ::core::option::Option<fn(#contexts)>;)*
            loop {}
        }
    }
}

/// What their types import is used.
fn contexts(sig: &Sig) -> impl Iterator<Item = &Type> {
    let generics: Vec<_> = sig
        .generics
        .type_params()
        .map(|param| param.ident.clone())
        .collect();
    let params = sig
        .inputs
        .iter()
        .filter(|arg| Signature::may_be_context(arg));
    params.filter_map(move |arg| match arg {
        FnArg::Typed(param) => {
            let ty = &*param.ty;
            (!has_impl(ty) && !mentions(ty, &generics)).then_some(ty)
        }
        FnArg::Receiver(_) => None,
    })
}

/// Those that a caller gives.
fn inputs(sig: &Sig) -> impl Iterator<Item = TokenStream> {
    let is_given = |arg: &&FnArg| !Signature::may_be_context(arg);
    let params = sig.inputs.iter().filter(is_given);
    params.enumerate().map(|(index, arg)| match arg {
        FnArg::Receiver(receiver) => quote!(#receiver),
        FnArg::Typed(param) => {
            let (attrs, ty) = (&param.attrs, &param.ty);
            let name = format_ident!("_arg{index}");
            quote!(#(#attrs)* #name: #ty)
        }
    })
}

/// Output and error, where they can be named.
fn outcome(krate: &TokenStream, output: &Output) -> TokenStream {
    let is_named = |ty: &Type| !has_impl(ty) && !borrows(ty);
    match output {
        Output::Plain(ty) if is_named(ty) => quote!(#ty, ::core::convert::Infallible),
        Output::Fallible(ty) if is_named(ty) => quote! {
            <#ty as #krate::__private::Fallible>::Output,
            <#ty as #krate::__private::Fallible>::Error
        },
        _ => quote!((), ::core::convert::Infallible),
    }
}
