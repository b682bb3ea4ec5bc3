//! What is implemented, on which types.
use crate::items::Api;
use crate::names::{Meaning, is_public};
use crate::signature::{bounds, clause, qualifier, signature};
use crate::source::is_hidden;
use crate::text::text;
use syn::{ImplItem, ItemImpl, Path, Type};

enum Owner {
    /// On which conditions it is there.
    Public(Vec<String>),
    Private,
    Foreign,
}

impl Api<'_> {
    /// `original`: with the paths as they are written.
    pub(crate) fn implementation(
        &mut self,
        module: &[String],
        original: &ItemImpl,
        item: &ItemImpl,
        cfgs: &[String],
    ) {
        let ty = self.owner_of_type(module, &original.self_ty);
        let with_type = match &ty {
            Owner::Public(more) => &[cfgs, more].concat(),
            _ => cfgs,
        };
        let mut name = text(&item.self_ty);
        if matches!((&ty, &*item.self_ty), (Owner::Public(_), Type::Path(_))) {
            name = format!("{}::{name}", self.krate);
        }
        let interface = original.trait_.as_ref();
        let interface = interface.map(|(_, path, _)| self.owner(module, path));
        match (interface, ty) {
            (None, Owner::Foreign) => panic!("whose methods are these? {name}"),
            (None, Owner::Public(_)) => self.methods(&name, item, with_type),
            (Some(Owner::Public(_)), Owner::Public(_) | Owner::Foreign)
            | (Some(Owner::Foreign), Owner::Public(_)) => self.interface_of(&name, item, with_type),
            _ => {}
        }
    }

    fn methods(&mut self, name: &str, item: &ItemImpl, cfgs: &[String]) {
        let around = bounds(&item.generics);
        for inner in &item.items {
            let ImplItem::Fn(method) = inner else {
                panic!("not looked into: {}", text(inner));
            };
            if is_public(&method.vis) && !is_hidden(&method.attrs) {
                let name = format!("{name}::{}", method.sig.ident);
                let line = signature(&name, &method.sig, &around);
                self.line(line, qualifier(&method.sig), &method.attrs, cfgs);
            }
        }
    }

    fn interface_of(&mut self, name: &str, item: &ItemImpl, cfgs: &[String]) {
        let interface = item.trait_.as_ref().map(|(_, path, _)| text(path));
        let types = item.items.iter().filter_map(|inner| match inner {
            ImplItem::Type(inner) => Some(format!("{} = {}", inner.ident, text(&inner.ty))),
            _ => None,
        });
        let types = types.collect::<Vec<_>>().join(", ");
        let types = if types.is_empty() {
            types
        } else {
            format!(" {{ {types} }}")
        };
        let bounds = clause(&bounds(&item.generics));
        let line = format!("{name}: {}{types}{bounds}", interface.unwrap_or_default());
        self.line(line, "", &item.attrs, cfgs);
    }

    fn owner_of_type(&self, module: &[String], ty: &Type) -> Owner {
        match ty {
            Type::Path(ty) => self.owner(module, &ty.path),
            Type::Reference(ty) => self.owner_of_type(module, &ty.elem),
            _ => Owner::Foreign,
        }
    }

    fn owner(&self, module: &[String], path: &Path) -> Owner {
        let path: Vec<_> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        match self.names.meaning(module, &path) {
            Meaning::Foreign(_) => Owner::Foreign,
            Meaning::Module(_) => Owner::Private,
            Meaning::Item(path) => match self.names.public.get(&path) {
                Some(public) => Owner::Public(public.cfgs.clone()),
                None => Owner::Private,
            },
        }
    }
}
