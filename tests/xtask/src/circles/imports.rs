//! Which file uses which names of which other file.
//!
//! A name is followed through `use` and `pub use` to the file that defines it. A re-export is not
//! an import: a file that only declares modules and re-exports their contents imports nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemUse, Macro,
    visit::{self, Visit},
};

use super::tree::{Import, Tree, attributes, is_for_tests};

/// Names that a file imports from another, by the two files.
pub(crate) type Imports = BTreeMap<(PathBuf, PathBuf), BTreeSet<String>>;

/// A path that grows longer than this leads back to itself.
const TOO_LONG: usize = 32;

pub(crate) fn imports(tree: &Tree) -> Imports {
    let mut found = Imports::new();
    for (place, module) in tree.modules.iter().enumerate() {
        let mut named = Named { paths: BTreeSet::new() };
        module.items.iter().for_each(|item| named.visit_item(item));
        // Names from a `*` are found where they are used; the path before it is an enum, or means
        // nothing.
        let here = module.imports.iter().filter(|import| !import.passed_on);
        named.paths.extend(here.map(|import| import.path.clone()));
        for path in named.paths {
            for (file, name) in Search::new(tree).definitions(place, &path) {
                if file != module.file {
                    let key = (module.file.clone(), file.to_owned());
                    found.entry(key).or_default().insert(name);
                }
            }
        }
    }
    found
}

/// Looks for the files that define what a path means. Nothing is found for a module: the items used
/// from it are named by other paths.
struct Search<'a> {
    tree: &'a Tree,
    /// What was visited: modules may re-export all names of each other.
    seen: BTreeSet<(usize, Vec<String>)>,
}

impl<'a> Search<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self { tree, seen: BTreeSet::new() }
    }

    /// The files that define what a path means, with the names that they define.
    fn definitions(&mut self, module: usize, path: &[String]) -> Vec<(&'a Path, String)> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        match first.as_str() {
            "crate" => self.inside(0, rest),
            "self" => self.inside(module, rest),
            "super" => match self.tree.modules[module].parent {
                Some(parent) if rest.first().is_some_and(|next| next == "super") => {
                    self.definitions(parent, rest)
                }
                Some(parent) => self.inside(parent, rest),
                None => Vec::new(),
            },
            _ => self.inside(module, path),
        }
    }

    fn inside(&mut self, place: usize, path: &[String]) -> Vec<(&'a Path, String)> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        if !self.seen.insert((place, path.to_vec())) {
            return Vec::new();
        }
        let module = &self.tree.modules[place];
        let mut found = Vec::new();
        for child in module.children.get(first).into_iter().flatten() {
            found.extend(self.inside(*child, rest));
        }
        if found.is_empty() && module.defined.contains(first) {
            found.push((module.file.as_path(), first.clone()));
        }
        for import in &module.imports {
            if found.is_empty() && import.name.as_ref() == Some(first) {
                found = self.through(place, import, rest);
            }
        }
        for import in &module.imports {
            if found.is_empty() && import.name.is_none() {
                found = self.through(place, import, path);
            }
        }
        found
    }

    /// What an import means, with more segments after it. The head of its path is a keyword, a
    /// module, or the name of another import; otherwise it is another crate.
    fn through(
        &mut self,
        place: usize,
        import: &Import,
        rest: &[String],
    ) -> Vec<(&'a Path, String)> {
        let Some(head) = import.path.first() else { return Vec::new() };
        let module = &self.tree.modules[place];
        let names_head =
            |other: &Import| other.name.as_ref() == Some(head) && other.path != import.path;
        let known = ["crate", "self", "super"].contains(&head.as_str())
            || module.children.contains_key(head)
            || module.defined.contains(head)
            || module.imports.iter().any(names_head);
        let path = [&import.path[..], rest].concat();
        if known && path.len() < TOO_LONG { self.definitions(place, &path) } else { Vec::new() }
    }
}

/// Collects the paths that code names.
struct Named {
    paths: BTreeSet<Vec<String>>,
}

impl<'a> Visit<'a> for Named {
    fn visit_item(&mut self, item: &'a Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, _: &'a ItemUse) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            self.paths.insert(path.segments.iter().map(|part| part.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        // `#[serde(with = "crate::time")]`, but not documentation, which may name anything.
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

impl Named {
    /// The paths in the input of a macro, whose grammar only the macro knows: names with `::`
    /// between them, names of types, and string literals that are paths.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut colons, mut foreign) = (0, false);
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    foreign |= colons == 2 && path.is_empty();
                    continue;
                }
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.finish(&mut path, &mut foreign);
                    }
                    path.push(name.to_string());
                }
                TokenTree::Group(group) => {
                    self.finish(&mut path, &mut foreign);
                    self.tokens(group.stream());
                }
                TokenTree::Literal(literal) => {
                    self.finish(&mut path, &mut foreign);
                    self.text(&literal.to_string());
                }
                TokenTree::Punct(_) => self.finish(&mut path, &mut foreign),
            }
            colons = 0;
        }
        self.finish(&mut path, &mut foreign);
    }

    /// `"crate::time"`, a module with two functions, or `"crate::time::write"`, one.
    fn text(&mut self, literal: &str) {
        let text = literal.trim_matches('"');
        if let Ok(path) = syn::parse_str::<syn::Path>(text)
            && path.segments.len() > 1
        {
            let path: Vec<String> = text.split("::").map(|name| name.trim().to_owned()).collect();
            for function in ["serialize", "deserialize"] {
                self.paths.insert([&path[..], &[function.to_owned()]].concat());
            }
            self.paths.insert(path);
        }
    }

    fn finish(&mut self, path: &mut Vec<String>, foreign: &mut bool) {
        let path = std::mem::take(path);
        let is_type = |name: &String| name.starts_with(char::is_uppercase);
        if !std::mem::take(foreign) && (path.len() > 1 || path.first().is_some_and(is_type)) {
            self.paths.insert(path);
        }
    }
}
