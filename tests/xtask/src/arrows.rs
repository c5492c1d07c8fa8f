//! Which packages may depend on which.

use crate::workspace::Package;

/// Each package with the packages of the workspace that it may depend on. Dependencies of tests are
/// not restricted, but see `FOR_TESTS`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("vernet-common", &[]),
    ("vernet-host", &["vernet-common"]),
    // A server of whichever program; it does not know what is served.
    ("vernet-serve", &[]),
    // Tables are read alike by office and hospital, out of bytes that somebody else read.
    ("vernet-text", &["vernet-common"]),
    // The verdict is pure, so it may not use the machine.
    ("vernet-verifier", &["vernet-common", "vernet-text"]),
    ("vernet-verifier-app", &["vernet-common", "vernet-host", "vernet-serve", "vernet-verifier"]),
    ("vernet-web", &["vernet-common", "vernet-verifier"]),
    // The register does not depend on the office.
    ("vernet-register", &["vernet-common", "vernet-host", "vernet-text"]),
    // What applicants and the office send each other needs no office.
    (
        "vernet-applications",
        &["vernet-common", "vernet-host", "vernet-register", "vernet-text", "vernet-verifier"],
    ),
    (
        "vernet-issuer",
        &[
            "vernet-applications",
            "vernet-common",
            "vernet-host",
            "vernet-register",
            "vernet-text",
            "vernet-verifier",
        ],
    ),
    // What runs in an officer's browser has no disk, and no office.
    (
        "vernet-console-web",
        &["vernet-applications", "vernet-common", "vernet-host", "vernet-register", "vernet-text"],
    ),
    (
        "vernet-console",
        &[
            "vernet-applications",
            "vernet-common",
            "vernet-console-web",
            "vernet-host",
            "vernet-issuer",
            "vernet-register",
            "vernet-serve",
            "vernet-text",
        ],
    ),
    (
        "vernet-issuer-app",
        &[
            "vernet-applications",
            "vernet-common",
            "vernet-console",
            "vernet-console-web",
            "vernet-host",
            "vernet-issuer",
            "vernet-register",
            "vernet-text",
            "vernet-verifier",
        ],
    ),
    (
        "vernet-tests",
        &["vernet-common", "vernet-host", "vernet-issuer", "vernet-register", "vernet-verifier"],
    ),
    (
        "vernet-measure",
        &[
            "vernet-common",
            "vernet-console",
            "vernet-console-web",
            "vernet-host",
            "vernet-issuer",
            "vernet-register",
            "vernet-tests",
            "vernet-verifier",
        ],
    ),
    ("vernet-xtask", &[]),
];

/// Packages that no program may depend on.
#[cfg(test)]
const FOR_TESTS: [&str; 3] = ["vernet-measure", "vernet-tests", "vernet-xtask"];

/// The violations in the packages' dependencies, one line each.
pub(crate) fn check(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(|package| wrong(package, packages)).collect()
}

fn wrong(package: &Package, packages: &[Package]) -> Vec<String> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package.name) else {
        return vec![format!(
            "{} is new: say in tests/xtask/src/arrows.rs what it may be built with",
            package.name
        )];
    };
    let ours = |name: &&String| packages.iter().any(|package| package.name == **name);
    let too_many = |name: &&String| !allowed.contains(&name.as_str());
    let complain = |name| format!("{} must not be built with {name}", package.name);
    package.dependencies.iter().filter(ours).filter(too_many).map(complain).collect()
}

#[cfg(test)]
mod tests {
    use super::{ALLOWED, FOR_TESTS, check};
    use crate::{
        circles::graph::{Arrows, knots},
        workspace::Package,
    };

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependencies = dependencies.iter().map(|name| (*name).to_owned()).collect();
        Package { name: name.into(), roots: Vec::new(), dependencies }
    }

    #[test]
    fn an_arrow_that_is_not_allowed_is_found() {
        let packages = [
            package("vernet-common", &["serde"]),
            package("vernet-host", &["vernet-common"]),
            package("vernet-verifier", &["vernet-common", "vernet-host"]),
        ];
        assert_eq!(check(&packages), ["vernet-verifier must not be built with vernet-host"]);
    }

    #[test]
    fn a_new_package_has_to_be_entered() {
        let [complaint] = &check(&[package("vernet-new", &[])])[..] else { panic!("one") };
        assert!(complaint.starts_with("vernet-new is new"), "{complaint}");
    }

    #[test]
    fn what_is_allowed_has_no_circle_and_nothing_for_tests_in_a_program() {
        let to = |allowed: &&[&'static str]| allowed.iter().copied().collect();
        let arrows: Arrows<&str> =
            ALLOWED.iter().map(|(name, allowed)| (*name, to(allowed))).collect();
        assert!(knots(&arrows).is_empty());
        for (name, allowed) in ALLOWED {
            let for_tests = allowed.iter().any(|name| FOR_TESTS.contains(name));
            assert!(!for_tests || FOR_TESTS.contains(name), "{name}");
        }
    }
}
