//! How long an outcome is remembered, how long a run may take, how many go on at once, what a value
//! weighs: the methods
//! of `Task` that are written only where they were asked for.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ExprPath;
use syn::spanned::Spanned;

use crate::expand::Task;
use crate::inputs::{self, names};
use crate::lasting::Lasting;

pub(crate) fn keep(task: &Task) -> TokenStream {
    let options = &task.options;
    let retention = match &options.retention {
        Some(path) => {
            Some(quote_spanned!(path.span()=> ::core::option::Option::Some(#path(outcome))))
        }
        None => ttl(task),
    };
    let retention = retention.map(|retention| method(task, &retention));
    let limit = options.limit.as_ref().map(limit);
    let weight = options.weight.as_ref().map(|path| weight(task, path));
    let concurrency = concurrency(task);
    quote!(#retention #limit #concurrency #weight)
}

fn method(task: &Task, retention: &TokenStream) -> TokenStream {
    let krate = task.krate();
    quote! {
        fn retention(
            outcome: #krate::Outcome<'_, Self::Output, Self::Error>,
        ) -> ::core::option::Option<#krate::Retention> {
            #retention
        }
    }
}

fn ttl(task: &Task) -> Option<TokenStream> {
    let (ttl, error_ttl) = (&task.options.ttl, &task.options.error_ttl);
    let krate = task.krate();
    let lasts = |time: &Option<Lasting>| match time.as_ref().map(Lasting::value) {
        Some(time) => quote!(::core::option::Option::Some(#krate::Retention::For(#time))),
        None => quote!(::core::option::Option::None),
    };
    let of_values = lasts(ttl);
    let of_errors = match error_ttl {
        Some(_) => lasts(error_ttl),
        None if ttl.is_some() => of_values.clone(),
        None => return None,
    };
    Some(quote! {
        match outcome {
            #krate::Outcome::Value(_) => #of_values,
            _ => #of_errors,
        }
    })
}

fn limit(time: &Lasting) -> TokenStream {
    let time = time.value();
    quote! {
        fn limit() -> ::core::option::Option<::core::time::Duration> {
            ::core::option::Option::Some(#time)
        }
    }
}

fn concurrency(task: &Task) -> Option<TokenStream> {
    let krate = task.krate();
    let runs = &task.options.concurrency.as_ref()?.tokens;
    let queue = task.options.queue.as_ref().map(|queue| &queue.tokens);
    let queue = queue.map(|runs| quote!(.queue(#runs)));
    Some(quote! {
        fn concurrency() -> ::core::option::Option<#krate::Concurrency> {
            ::core::option::Option::Some(#krate::Concurrency::at_most(#runs) #queue)
        }
    })
}

/// The function takes the inputs apart, as the task does.
fn weight(task: &Task, path: &ExprPath) -> TokenStream {
    let (parts, names) = (inputs::pattern(task), names(task));
    let asked = quote_spanned!(path.span()=> #path(#(#names,)* output));
    quote! {
        fn weight(input: &Self::Input, output: &Self::Output) -> usize {
            let #parts = input;
            #asked
        }
    }
}
