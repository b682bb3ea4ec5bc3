//! Code as users read it: with the names that they know.
use crate::names::{Meaning, Names};
use syn::visit_mut::{self, VisitMut};
use syn::{AngleBracketedGenericArguments, Attribute, Block, Generics, Item, PatIdent, Path};
use syn::{PathSegment, Receiver, Signature, TypePath};

impl Names {
    /// The item, with every path in its interface as users know it.
    pub(crate) fn translated(&self, module: &[String], item: &Item) -> Item {
        let mut item = item.clone();
        Translator {
            names: self,
            module,
        }
        .visit_item_mut(&mut item);
        item
    }
}

struct Translator<'a> {
    names: &'a Names,
    module: &'a [String],
}

impl Translator<'_> {
    /// Translates so many segments of a path; into how many.
    fn path(&self, path: &mut Path, count: usize) -> usize {
        let segments: Vec<_> = path.segments.iter().cloned().collect();
        let (head, tail) = segments.split_at(count);
        let head_names: Vec<_> = head.iter().map(|part| part.ident.to_string()).collect();
        let known = match self.names.meaning(self.module, &head_names) {
            Meaning::Item(path) => match self.names.public.get(&path) {
                Some(public) => public.name.clone(),
                None => return count,
            },
            Meaning::Foreign(path) => path,
            Meaning::Module(_) => return count,
        };
        let segment = |name: &String| PathSegment::from(quote::format_ident!("{name}"));
        let mut translated: Vec<_> = known.iter().map(segment).collect();
        translated.last_mut().unwrap().arguments = head[count - 1].arguments.clone();
        path.segments = translated.into_iter().chain(tail.to_vec()).collect();
        known.len()
    }
}

impl VisitMut for Translator<'_> {
    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        match &mut ty.qself {
            Some(qself) if qself.position > 0 => {
                visit_mut::visit_path_mut(self, &mut ty.path);
                qself.position = self.path(&mut ty.path, qself.position);
                self.visit_type_mut(&mut qself.ty);
            }
            _ => visit_mut::visit_type_path_mut(self, ty),
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let with_arguments = path
            .segments
            .iter()
            .position(|part| !part.arguments.is_none());
        let count = with_arguments.map_or(path.segments.len(), |at| at + 1);
        self.path(path, count);
    }

    fn visit_block_mut(&mut self, _: &mut Block) {}

    fn visit_attribute_mut(&mut self, _: &mut Attribute) {}

    fn visit_generics_mut(&mut self, generics: &mut Generics) {
        generics.params.pop_punct();
        visit_mut::visit_generics_mut(self, generics);
    }

    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        arguments: &mut AngleBracketedGenericArguments,
    ) {
        arguments.args.pop_punct();
        visit_mut::visit_angle_bracketed_generic_arguments_mut(self, arguments);
    }

    fn visit_signature_mut(&mut self, signature: &mut Signature) {
        signature.inputs.pop_punct();
        visit_mut::visit_signature_mut(self, signature);
    }

    fn visit_receiver_mut(&mut self, receiver: &mut Receiver) {
        if receiver.reference.is_none() {
            receiver.mutability = None; // the callee's business
        }
        visit_mut::visit_receiver_mut(self, receiver);
    }

    fn visit_pat_ident_mut(&mut self, name: &mut PatIdent) {
        name.mutability = None; // the callee's business
    }
}
