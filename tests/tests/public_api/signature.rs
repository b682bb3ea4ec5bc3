//! Functions and bounds, as a line says them.
use crate::text::text;
use syn::{GenericParam, Generics, Signature};

pub(crate) fn qualifier(signature: &Signature) -> &'static str {
    match (
        &signature.constness,
        &signature.asyncness,
        &signature.unsafety,
    ) {
        (None, None, None) => "",
        (Some(_), None, None) => "const",
        (None, Some(_), None) => "async",
        _ => panic!("not looked into: {}", text(signature)),
    }
}

/// `around`: the bounds of the impl that it is in.
pub(crate) fn signature(name: &str, signature: &Signature, around: &[String]) -> String {
    let generics = &signature.generics;
    let parameters = text(&generics.params);
    let parameters = if parameters.is_empty() {
        parameters
    } else {
        format!("<{parameters}>")
    };
    let (inputs, output) = (text(&signature.inputs), text(&signature.output));
    let arrow = if output.is_empty() { "" } else { " " };
    let bounds = clause(&[around, &predicates(generics)].concat());
    format!("{name}{parameters}({inputs}){arrow}{output}{bounds}")
}

/// All bounds, as a `where` would say them.
pub(crate) fn bounds(generics: &Generics) -> Vec<String> {
    let of_parameters = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) if !ty.bounds.is_empty() => {
                Some(format!("{}: {}", ty.ident, text(&ty.bounds)))
            }
            _ => None,
        });
    of_parameters.chain(predicates(generics)).collect()
}

/// Those that a `where` says.
pub(crate) fn predicates(generics: &Generics) -> Vec<String> {
    let clauses = generics.where_clause.iter();
    clauses
        .flat_map(|clause| clause.predicates.iter().map(text))
        .collect()
}

pub(crate) fn clause(bounds: &[String]) -> String {
    if bounds.is_empty() {
        return String::new();
    }
    format!(" where {}", bounds.join(", "))
}
