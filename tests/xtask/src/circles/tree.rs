//! The modules of a crate as its files declare them: which names each module defines, imports and
//! re-exports. Tests are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use syn::{
    Attribute, File, Item, ItemUse, UseTree, Visibility,
    visit::{self, Visit},
};

/// A crate: its modules, of which the first is the root.
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
}

/// A module, which is a file or is inside one.
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) parent: Option<usize>,
    /// Modules by name: more than one per name if features choose among files.
    pub(crate) children: BTreeMap<String, Vec<usize>>,
    /// The names that are defined here.
    pub(crate) defined: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// The items of the module, except the modules inside it.
    pub(crate) items: Vec<Item>,
}

/// One name of a `use`.
pub(crate) struct Import {
    /// Its name here; `None` for `*`.
    pub(crate) name: Option<String>,
    pub(crate) path: Vec<String>,
    /// Whether it is re-exported by `pub use`, with any visibility.
    pub(crate) passed_on: bool,
}

impl Tree {
    /// Reads a crate, starting from its root file.
    ///
    /// # Errors
    /// If a file of the crate is missing or is not valid Rust.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self { modules: Vec::new() };
        let folder = root.parent().context("a file is in a folder")?;
        tree.read_file(root, folder, None)?;
        Ok(tree)
    }

    /// Reads a file as a module; `folder` is where the files of its own modules are.
    fn read_file(&mut self, file: &Path, folder: &Path, parent: Option<usize>) -> Result<usize> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let File { items, .. } =
            syn::parse_file(&text).with_context(|| format!("{} is no Rust", file.display()))?;
        self.add(file, folder, parent, items)
    }

    fn add(
        &mut self,
        file: &Path,
        folder: &Path,
        parent: Option<usize>,
        items: Vec<Item>,
    ) -> Result<usize> {
        let place = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            defined: BTreeSet::new(),
            imports: Vec::new(),
            items: Vec::new(),
        });
        for item in items {
            if attributes(&item).iter().any(is_for_tests) {
                continue;
            }
            let Item::Mod(module) = item else {
                self.modules[place].take(item);
                continue;
            };
            let name = module.ident.to_string();
            let inside = folder.join(&name);
            let child = match module.content {
                Some((_, items)) => self.add(file, &inside, Some(place), items)?,
                None => {
                    let given = module.attrs.iter().find_map(path_attribute);
                    let (file, folder) = locate(file, folder, &name, given.as_deref())?;
                    self.read_file(&file, &folder, Some(place))?
                }
            };
            self.modules[place].children.entry(name).or_default().push(child);
        }
        Ok(place)
    }
}

/// The file of a module that another file declares, and the folder of its own modules.
fn locate(
    declaring: &Path,
    folder: &Path,
    name: &str,
    given: Option<&str>,
) -> Result<(PathBuf, PathBuf)> {
    if let Some(given) = given {
        let file = declaring.parent().context("a file is in a folder")?.join(given);
        // Such a file declares its modules beside itself.
        let folder = file.parent().context("a file is in a folder")?.to_owned();
        return Ok((file, folder));
    }
    let inside = folder.join(name);
    let found = [folder.join(format!("{name}.rs")), inside.join("mod.rs")]
        .into_iter()
        .find(|file| file.exists());
    let missing = || format!("{} declares `{name}`, which has no file", declaring.display());
    Ok((found.with_context(missing)?, inside))
}

impl Module {
    fn take(&mut self, item: Item) {
        if let Some(name) = name_of(&item) {
            self.defined.insert(name);
        }
        let mut uses = Uses { found: Vec::new() };
        uses.visit_item(&item);
        self.imports.append(&mut uses.found);
        self.items.push(item);
    }
}

/// Collects each `use`, also those inside functions.
struct Uses {
    found: Vec<Import>,
}

impl<'a> Visit<'a> for Uses {
    fn visit_item(&mut self, item: &'a Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        // `use ::name` names another crate.
        if item.leading_colon.is_none() {
            let passed_on = !matches!(item.vis, Visibility::Inherited);
            self.spread(&item.tree, &mut Vec::new(), passed_on);
        }
    }
}

impl Uses {
    fn spread(&mut self, tree: &UseTree, before: &mut Vec<String>, passed_on: bool) {
        let (name, last) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.spread(&path.tree, before, passed_on);
                before.pop();
                return;
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.spread(tree, before, passed_on));
            }
            UseTree::Name(name) => (Some(&name.ident), Some(&name.ident)),
            UseTree::Rename(rename) => (Some(&rename.rename), Some(&rename.ident)),
            UseTree::Glob(_) => (None, None),
        };
        let mut path = before.clone();
        let mut name = name.map(ToString::to_string);
        // `use x::{self}` is `use x`.
        match last.map(ToString::to_string) {
            Some(last) if last == "self" && !path.is_empty() => {
                if name.as_deref() == Some("self") {
                    name = path.last().cloned();
                }
            }
            last => path.extend(last),
        }
        self.found.push(Import { name, path, passed_on });
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item exists for tests only: `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
pub(crate) fn is_for_tests(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("test") {
        return true;
    }
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string();
    let words = || condition.split(|c: char| !c.is_alphanumeric() && c != '_');
    list.path.is_ident("cfg")
        && words().any(|word| word == "test")
        && !words().any(|word| word == "not" || word == "any")
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) = &pair.value else {
        return None;
    };
    pair.path.is_ident("path").then(|| path.value())
}
