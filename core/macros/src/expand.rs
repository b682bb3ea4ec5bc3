//! What a task becomes:
//!
//! ```text
//! struct __runce_task_user;                                 the task, as a type
//! fn user(id: u64) -> Call<__runce_task_user, u64> { … }    makes the call
//! const _: () = {
//!     enum __RunceBody {}
//!     impl __RunceBody { async fn user(ctx: …, id: u64) … } the fn as written: body.rs
//!     impl Task<App> for __runce_task_user { … }            runs it: implement.rs
//! };
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::attrs::Attrs;
use crate::body::body;
use crate::generics::Generics;
use crate::implement::implement;
use crate::inputs;
use crate::item::Item;
use crate::options::Options;
use crate::refuse::Refusals;
use crate::signature::{Input, Signature};
use crate::stub::stub;

/// All that is known of a task.
pub(crate) struct Task {
    pub(crate) item: Item,
    pub(crate) options: Options,
    pub(crate) signature: Signature,
    pub(crate) generics: Generics,
}

/// The attribute. What is no function stays as it was written, with the error.
pub(crate) fn expand(options: TokenStream, tokens: TokenStream) -> TokenStream {
    let item = match Item::read(tokens.clone()) {
        Ok(item) => item,
        Err(error) => return with_error(&error, tokens),
    };
    let read = Signature::read(&item.sig).and_then(|signature| item.with_body(signature));
    let signature = match read {
        Ok(signature) => signature,
        Err(error) => return stub(&item, &krate(&Options::read(options).0), &error),
    };
    let (mut options, mut refusals) = Options::read(options);
    fit(&mut options, &mut refusals, &item);
    match refusals.or(()) {
        Ok(()) => task(item, options, signature),
        Err(error) => with_error(&error, task(item, options, signature)),
    }
}

fn fit(options: &mut Options, refusals: &mut Refusals, item: &Item) {
    if let (Some(place), Some(_)) = (options.blocking, item.sig.asyncness) {
        options.blocking = None;
        refusals.take(syn::Error::new(
            place,
            "a blocking task is a plain `fn`: remove `async`, or `blocking`",
        ));
    }
}

fn with_error(error: &syn::Error, tokens: impl ToTokens) -> TokenStream {
    let mut all = error.to_compile_error();
    tokens.to_tokens(&mut all);
    all
}

fn task(item: Item, options: Options, signature: Signature) -> TokenStream {
    let generics = Generics::split(&item.sig.generics, &signature);
    let task = Task {
        item,
        options,
        signature,
        generics,
    };
    let attrs = Attrs::sort(&task.item.attrs);
    let cfg = &attrs.everywhere;
    let (hidden, call) = (hidden(&task), call(&task, &attrs));
    let (body, implementation) = (body(&task, &attrs), implement(&task));
    quote! {
        #(#cfg)* #hidden
        #(#cfg)* #call
        #(#cfg)* const _: () = { #body #implementation };
    }
}

fn hidden(task: &Task) -> TokenStream {
    let (vis, name, params) = (&task.item.vis, task.hidden(), task.generics.of_hidden());
    let types = task.generics.hidden_types();
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types, unreachable_pub)]
        #vis struct #name #params (::core::marker::PhantomData<fn() -> (#(*const #types,)*)>);
    }
}

/// From `fn` to the closing brace it has the place of the one that was written: rustc
/// keeps quiet about an unused fn that another crate's macro seems to have written.
fn call(task: &Task, attrs: &Attrs) -> TokenStream {
    let Item { vis, sig, body, .. } = &task.item;
    let (attrs, krate, fn_token, name) = (&attrs.call, task.krate(), sig.fn_token, &sig.ident);
    let (params, _, bounds) = task.generics.call.split_for_impl();
    let inputs = task
        .signature
        .inputs
        .iter()
        .map(|Input { name, ty, .. }| quote!(#name: #ty));
    let (returned, input) = (returned(task), inputs::value(task));
    let new = quote!(#krate::Call::new(#input));
    let block = quote_spanned!(body.span()=> { #new });
    quote! {
        #(#attrs)*
        #vis #fn_token #name #params (#(#inputs),*) -> #returned #bounds #block
    }
}

fn returned(task: &Task) -> TokenStream {
    let (krate, input) = (task.krate(), inputs::ty(task));
    let (hidden, arguments) = (task.hidden(), task.generics.to_hidden());
    quote!(#krate::Call<#hidden #arguments, #input>)
}

fn krate(options: &Options) -> TokenStream {
    krate_at(options, Span::call_site())
}

fn krate_at(options: &Options, place: Span) -> TokenStream {
    let path = options.krate.as_ref();
    path.map_or_else(|| quote_spanned!(place=> ::runce), |path| quote!(#path))
}

impl Task {
    pub(crate) fn krate(&self) -> TokenStream {
        self.krate_at(Span::call_site())
    }

    /// A path that the user wrote stays where it is: `$crate` means something only there.
    pub(crate) fn krate_at(&self, place: Span) -> TokenStream {
        krate_at(&self.options, place)
    }

    pub(crate) fn hidden(&self) -> Ident {
        let name = &self.item.sig.ident;
        format_ident!("__runce_task_{}", name.unraw(), span = name.span())
    }
}
