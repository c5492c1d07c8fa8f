//! Who has certificates.

use anyhow::Result;
use serde_json::json;
use vernet_register::Application;

/// The people, all invented: given name, family name, birth date, kind, and what the application
/// needs for that kind.
pub(super) const PEOPLE: [(&str, &str, &str, &str, &str); 8] = [
    ("Åse", "Kjærstad Østlyngen-Bråthen", "1984-05-17", "authorisation", ""),
    ("Máhtte Ánde", "Sárá-Ŋuoŋŋuid", "1990-02-06", "authorisation", ""),
    ("Stanisława", "Żółć-Wójcik", "1979-11-11", "authorisation", ""),
    ("Ingrid", "Dahl", "1988-08-08", "authorisation", ""),
    ("Bjørn", "Aas", "1971-03-30", "authorisation", ""),
    ("Sigríður Þórdís", "Ævarsdóttir", "1995-12-24", "licence", "2027-11-20"),
    ("Olav", "Li", "1929-12-31", "licence", "2026-12-01"),
    ("Marie", "Før", "1992-07-01", "authorisation", ""),
];

/// The application of one of them.
pub(super) fn application(
    place: usize,
    person: &(&str, &str, &str, &str, &str),
) -> Result<Application> {
    let (given_name, family_name, birthdate, kind, valid_to) = person;
    let mut application = json!({
        "given_name": given_name,
        "family_name": family_name,
        "birthdate": birthdate,
        "hpr_number": (9_144_889 + 11 * place).to_string(),
        "kind": kind,
        "basis": "norwegian_exam",
        "exam": { "school": "A made-up school of perfusion", "date": "2020-06-11" },
        "decided": "2026-11-20",
        "granted": "2026-11-20",
    });
    if !valid_to.is_empty() {
        application["valid_to"] = json!(valid_to);
    }
    // Her licence is bound to a post.
    if *given_name == "Sigríður Þórdís" {
        application["bound_to_post"] = json!(true);
        application["conditions"] = json!("2026/987-1");
    }
    Ok(Application::from_json(&serde_json::to_vec(&application)?)?)
}
