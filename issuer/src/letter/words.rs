//! The text of the page, in the reader's language.
//!
//! Northern Sámi is missing, because the authors do not write it well enough for an official
//! document.

#[cfg(feature = "pdf")]
use vernet_common::{Basis, CivilDate, Kind};
use vernet_register::WrittenNorwegian;

/// The language of a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Language {
    /// Norwegian, bokmål.
    #[default]
    Bokmal,
    /// Norwegian, nynorsk.
    Nynorsk,
    /// English.
    English,
    /// Swedish.
    Swedish,
    /// Danish.
    Danish,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 5] =
        [Self::Bokmal, Self::Nynorsk, Self::English, Self::Swedish, Self::Danish];

    /// The form of Norwegian that a person chose; bokmål if they chose none.
    pub(crate) fn chosen(written: Option<WrittenNorwegian>) -> Self {
        match written {
            Some(WrittenNorwegian::Nynorsk) => Self::Nynorsk,
            Some(WrittenNorwegian::Bokmal) | None => Self::Bokmal,
        }
    }

    /// The code of RFC 5646.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bokmal => "nb",
            Self::Nynorsk => "nn",
            Self::English => "en",
            Self::Swedish => "sv",
            Self::Danish => "da",
        }
    }

    #[cfg(feature = "pdf")]
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Bokmal => &BOKMAL,
            Self::Nynorsk => &NYNORSK,
            Self::English => &ENGLISH,
            Self::Swedish => &SWEDISH,
            Self::Danish => &DANISH,
        }
    }
}

/// The words of a language. Each `{}` is replaced.
#[cfg(feature = "pdf")]
pub(super) struct Words {
    pub(super) code: &'static str,
    /// The names that the authorities use in this language, by their legal names; empty where the
    /// legal name is understood.
    pub(super) authorities: &'static [(&'static str, &'static str)],
    /// In the order of [`Kind::ALL`].
    rights: [Right; Kind::ALL.len()],
    /// A licence that is bound to a post. It has no code of its own.
    bound_licence: Right,
    /// In the order of [`Basis::ALL`].
    bases: [&'static str; Basis::ALL.len()],
    /// By the state, as ISO 3166-1 alpha-2: what the words for [`Basis::EeaRecognition`] leave out.
    recognised_outside_the_eea: [(&'static str, &'static str); 3],
    months: [&'static str; 12],
    /// The text between the day and the month.
    day: &'static str,
    pub(super) confirmed: &'static str,
    /// Birth date, HPR number.
    pub(super) born_and_number: &'static str,
    pub(super) conditions: &'static str,
    pub(super) name: &'static str,
    pub(super) born: &'static str,
    pub(super) hpr_number: &'static str,
    pub(super) kind: &'static str,
    pub(super) basis: &'static str,
    pub(super) granted: &'static str,
    pub(super) granted_by: &'static str,
    pub(super) valid_through: &'static str,
    pub(super) number: &'static str,
    /// The heading of the list of those to whom letters are sent, and of the letters.
    pub(super) recipients: &'static str,
    pub(super) letters: &'static str,
    pub(super) how_to_check: &'static str,
    /// The host of the page.
    pub(super) check: &'static str,
    /// The host of the page.
    pub(super) check_shortly: &'static str,
    /// The authority.
    pub(super) signed_for: &'static str,
    /// Day, key.
    pub(super) signed: &'static str,
    /// Day, key.
    pub(super) signed_shortly: &'static str,
    /// The certificate.
    pub(super) qr_code: &'static str,
    /// The certificate.
    pub(super) attachment: &'static str,
}

/// The words for a kind of right.
#[cfg(feature = "pdf")]
pub(super) struct Right {
    pub(super) heading: &'static str,
    pub(super) kind: &'static str,
    /// The words before the title, without an article.
    pub(super) holds: &'static str,
}

#[cfg(feature = "pdf")]
impl Words {
    /// The words for a kind of right. A licence may be bound to a post.
    pub(super) fn right(&self, kind: Kind, bound_to_post: bool) -> &Right {
        if kind == Kind::Licence && bound_to_post {
            return &self.bound_licence;
        }
        let place = Kind::ALL.iter().position(|known| *known == kind);
        &self.rights[place.expect("every kind is in the list of all")]
    }

    /// The name that an authority uses in this language, if that is not its legal name.
    pub(super) fn authority(&self, name: &str) -> Option<&'static str> {
        self.authorities.iter().find(|(known, _)| *known == name).map(|(_, own)| *own)
    }

    /// The words for a basis. `state` is the one whose qualification was recognised.
    pub(super) fn basis_of_right(&self, basis: Basis, state: Option<&str>) -> &'static str {
        let outside = self.recognised_outside_the_eea.iter();
        if let Some((_, words)) = outside.copied().find(|(known, _)| Some(*known) == state) {
            return words;
        }
        let place = Basis::ALL.iter().position(|known| *known == basis);
        self.bases[place.expect("every basis is in the list of all")]
    }

    /// A date as written in a letter.
    pub(super) fn date(&self, date: CivilDate) -> String {
        // As in `2026-11-22`.
        let text = date.to_string();
        let mut parts = text.split('-').map(|part| part.parse::<usize>().unwrap_or_default());
        let mut next = || parts.next().unwrap_or_default();
        let (year, month, day) = (next(), next(), next());
        let month = self.months.get(month.wrapping_sub(1)).copied().unwrap_or_default();
        format!("{day}{}{month} {year}", self.day)
    }
}

/// With a capital letter, as at the beginning of a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Replaces the placeholders of a sentence, in order.
#[cfg(feature = "pdf")]
pub(super) fn fill_in(sentence: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut filled = String::new();
    for (place, part) in sentence.split("{}").enumerate() {
        if place > 0 {
            filled.push_str(values.next().copied().unwrap_or_default());
        }
        filled.push_str(part);
    }
    filled
}

#[cfg(feature = "pdf")]
static BOKMAL: Words = Words {
    code: "nb",
    authorities: &[],
    rights: [
        Right {
            heading: "Bevis for autorisasjon",
            kind: "autorisasjon",
            holds: "har autorisasjon som",
        },
        Right {
            heading: "Bevis for autorisasjon med vilkår",
            kind: "autorisasjon med vilkår",
            holds: "har autorisasjon med vilkår som",
        },
        Right { heading: "Bevis for lisens", kind: "lisens", holds: "har lisens som" },
        Right {
            heading: "Bevis for midlertidig tjenesteyting",
            kind: "midlertidig tjenesteyting",
            holds: "har rett til midlertidig tjenesteyting som",
        },
        Right {
            heading: "Bevis for turnuslisens",
            kind: "turnuslisens",
            holds: "har turnuslisens som",
        },
        Right {
            heading: "Bevis for studentlisens",
            kind: "studentlisens",
            holds: "har studentlisens som",
        },
        Right {
            heading: "Bevis for LIS1-lisens",
            kind: "LIS1-lisens",
            holds: "har LIS1-lisens som",
        },
        Right {
            heading: "Bevis for sertifisering",
            kind: "sertifisering (ikke autorisasjon)",
            holds: "er godkjent som",
        },
    ],
    bound_licence: Right {
        heading: "Bevis for lisens begrenset til en bestemt stilling",
        kind: "lisens begrenset til en bestemt stilling",
        holds: "har lisens, begrenset til en bestemt stilling, som",
    },
    bases: [
        "norsk eksamen",
        "eksamen fra en skole akkreditert av European Board of Cardiovascular Perfusion",
        "overgangsordningen",
        "godkjente yrkeskvalifikasjoner fra EØS eller Sveits",
        "utenlandsk eksamen som er jevngod med norsk",
        "eksamen hos utstederen",
    ],
    recognised_outside_the_eea: [
        ("GB", "godkjente yrkeskvalifikasjoner fra Storbritannia"),
        ("FO", "godkjente yrkeskvalifikasjoner fra Færøyene"),
        ("GL", "godkjente yrkeskvalifikasjoner fra Grønland"),
    ],
    months: [
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    day: ". ",
    confirmed: "Det bekreftes at",
    born_and_number: "født {}, HPR-nummer {},",
    conditions: "Det gjelder vilkår: innhent vedtaket.",
    name: "Navn",
    born: "Født",
    hpr_number: "HPR-nummer",
    kind: "Type",
    basis: "Grunnlag",
    granted: "Gjelder fra",
    granted_by: "Gitt av",
    valid_through: "Gyldig til og med",
    number: "Bevisnummer",
    recipients: "Mottakere",
    letters: "Brev",
    how_to_check: "Slik kontrolleres beviset",
    check: "Skann koden med kameraet på en telefon. Kontroller at siden som åpnes, er på {}: den viser om beviset gjelder nå; papiret alene gjør det ikke. Sammenlign navn og fødselsdato med legitimasjon med bilde.",
    check_shortly: "Skann koden: siden må være på {}. Sammenlign med legitimasjon med bilde.",
    signed_for: "for {}",
    signed: "Elektronisk signert {} med nøkkel {}",
    signed_shortly: "Signert {}, nøkkel {}",
    qr_code: "QR-kode med {}, signert. Åpner siden der det kan kontrolleres.",
    attachment: "{}, signert",
};

#[cfg(feature = "pdf")]
static NYNORSK: Words = Words {
    code: "nn",
    authorities: &[],
    rights: [
        Right {
            heading: "Bevis for autorisasjon",
            kind: "autorisasjon",
            holds: "har autorisasjon som",
        },
        Right {
            heading: "Bevis for autorisasjon med vilkår",
            kind: "autorisasjon med vilkår",
            holds: "har autorisasjon med vilkår som",
        },
        Right { heading: "Bevis for lisens", kind: "lisens", holds: "har lisens som" },
        Right {
            heading: "Bevis for mellombels tenesteyting",
            kind: "mellombels tenesteyting",
            holds: "har rett til mellombels tenesteyting som",
        },
        Right {
            heading: "Bevis for turnuslisens",
            kind: "turnuslisens",
            holds: "har turnuslisens som",
        },
        Right {
            heading: "Bevis for studentlisens",
            kind: "studentlisens",
            holds: "har studentlisens som",
        },
        Right {
            heading: "Bevis for LIS1-lisens",
            kind: "LIS1-lisens",
            holds: "har LIS1-lisens som",
        },
        Right {
            heading: "Bevis for sertifisering",
            kind: "sertifisering (ikkje autorisasjon)",
            holds: "er godkjend som",
        },
    ],
    bound_licence: Right {
        heading: "Bevis for lisens avgrensa til ei bestemt stilling",
        kind: "lisens avgrensa til ei bestemt stilling",
        holds: "har lisens, avgrensa til ei bestemt stilling, som",
    },
    bases: [
        "norsk eksamen",
        "eksamen frå ein skule akkreditert av European Board of Cardiovascular Perfusion",
        "overgangsordninga",
        "godkjende yrkeskvalifikasjonar frå EØS eller Sveits",
        "utanlandsk eksamen som er jamgod med norsk",
        "eksamen hos utferdaren",
    ],
    recognised_outside_the_eea: [
        ("GB", "godkjende yrkeskvalifikasjonar frå Storbritannia"),
        ("FO", "godkjende yrkeskvalifikasjonar frå Færøyane"),
        ("GL", "godkjende yrkeskvalifikasjonar frå Grønland"),
    ],
    months: [
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    day: ". ",
    confirmed: "Det blir stadfesta at",
    born_and_number: "fødd {}, HPR-nummer {},",
    conditions: "Det gjeld vilkår: hent inn vedtaket.",
    name: "Namn",
    born: "Fødd",
    hpr_number: "HPR-nummer",
    kind: "Type",
    basis: "Grunnlag",
    granted: "Gjeld frå",
    granted_by: "Gitt av",
    valid_through: "Gyldig til og med",
    number: "Bevisnummer",
    recipients: "Mottakarar",
    letters: "Brev",
    how_to_check: "Slik kontrollerer du beviset",
    check: "Skann koden med kameraet på ein telefon. Kontroller at sida som opnar seg, er på {}: ho viser om beviset gjeld no; papiret åleine gjer det ikkje. Samanlikn namn og fødselsdato med legitimasjon med bilete.",
    check_shortly: "Skann koden: sida må vere på {}. Samanlikn med legitimasjon med bilete.",
    signed_for: "for {}",
    signed: "Elektronisk signert {} med nøkkel {}",
    signed_shortly: "Signert {}, nøkkel {}",
    qr_code: "QR-kode med {}, signert. Opnar sida der det kan kontrollerast.",
    attachment: "{}, signert",
};

#[cfg(feature = "pdf")]
static ENGLISH: Words = Words {
    code: "en",
    authorities: &[
        (
            "Statens autorisasjonskontor for helsepersonell",
            "Norwegian Registration Authority for Health Personnel",
        ),
        ("Statens autorisasjonskontor", "Norwegian Registration Authority for Health Personnel"),
        ("Helsedirektoratet", "Norwegian Directorate of Health"),
        ("Statens helsetilsyn", "Norwegian Board of Health Supervision"),
        ("statsforvalteren", "County Governor"),
    ],
    rights: [
        Right {
            heading: "Certificate of authorisation",
            kind: "authorisation",
            holds: "is authorised in Norway as",
        },
        Right {
            heading: "Certificate of authorisation with conditions",
            kind: "authorisation with conditions",
            holds: "is authorised in Norway, with conditions, as",
        },
        Right {
            heading: "Licence certificate",
            kind: "licence",
            holds: "is licensed in Norway as",
        },
        Right {
            heading: "Certificate of temporary service",
            kind: "temporary provision of services",
            holds: "may temporarily provide services in Norway as",
        },
        Right {
            heading: "Trainee licence certificate",
            kind: "trainee licence",
            holds: "holds a trainee licence in Norway as",
        },
        Right {
            heading: "Student licence certificate",
            kind: "student licence",
            holds: "holds a student licence in Norway as",
        },
        Right {
            heading: "LIS1 licence certificate",
            kind: "LIS1 licence",
            holds: "holds a LIS1 licence in Norway as",
        },
        Right {
            heading: "Board certificate",
            kind: "certification by a board (not an authorisation)",
            holds: "is recognised as",
        },
    ],
    bound_licence: Right {
        heading: "Licence certificate, limited to a specific position",
        kind: "licence limited to a specific position",
        holds: "is licensed in Norway, limited to a specific position, as",
    },
    bases: [
        "Norwegian examination",
        "examination at a school accredited by the European Board of Cardiovascular Perfusion",
        "transitional provision",
        "professional qualifications recognised from the EEA or Switzerland",
        "equivalent foreign examination",
        "examination by the issuer",
    ],
    recognised_outside_the_eea: [
        ("GB", "professional qualifications recognised from the United Kingdom"),
        ("FO", "professional qualifications recognised from the Faroe Islands"),
        ("GL", "professional qualifications recognised from Greenland"),
    ],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    day: " ",
    confirmed: "This is to certify that",
    born_and_number: "born {}, health personnel number {},",
    conditions: "Conditions apply: obtain the decision.",
    name: "Name",
    born: "Born",
    hpr_number: "HPR number",
    kind: "Type",
    basis: "Basis",
    granted: "Granted",
    granted_by: "Granted by",
    valid_through: "Valid through",
    number: "Certificate number",
    recipients: "Recipients",
    letters: "Letters",
    how_to_check: "How to check this certificate",
    check: "Scan the code with a phone’s camera. Check that the page that opens is at {}: it tells whether the certificate is valid now; the paper alone does not. Compare name and birth date with a photo ID.",
    check_shortly: "Scan the code: the page must be at {}. Compare with a photo ID.",
    signed_for: "for {}",
    signed: "Signed electronically on {} with key {}",
    signed_shortly: "Signed {}, key {}",
    qr_code: "QR code with the signed {}. Opens the page where it can be checked.",
    attachment: "The signed {}",
};

#[cfg(feature = "pdf")]
static SWEDISH: Words = Words {
    code: "sv",
    authorities: &[],
    rights: [
        Right {
            heading: "Bevis om auktorisation",
            kind: "auktorisation (autorisasjon)",
            holds: "har norsk auktorisation som",
        },
        Right {
            heading: "Bevis om auktorisation med villkor",
            kind: "auktorisation med villkor (autorisasjon med vilkår)",
            holds: "har norsk auktorisation med villkor som",
        },
        Right {
            heading: "Bevis om licens",
            kind: "licens (lisens)",
            holds: "har norsk licens som",
        },
        Right {
            heading: "Bevis om tillfällig yrkesutövning",
            kind: "tillfällig yrkesutövning (midlertidig tjenesteyting)",
            holds: "har rätt till tillfällig yrkesutövning i Norge som",
        },
        Right {
            heading: "Bevis om turnuslicens",
            kind: "turnuslicens (turnuslisens)",
            holds: "har norsk turnuslicens som",
        },
        Right {
            heading: "Bevis om studentlicens",
            kind: "studentlicens (studentlisens)",
            holds: "har norsk studentlicens som",
        },
        Right {
            heading: "Bevis om LIS1-licens",
            kind: "LIS1-licens (LIS1-lisens)",
            holds: "har norsk LIS1-licens som",
        },
        Right {
            heading: "Bevis om certifiering",
            kind: "certifiering, inte auktorisation (sertifisering (ikke autorisasjon))",
            holds: "är godkänd som",
        },
    ],
    bound_licence: Right {
        heading: "Bevis om licens begränsad till en viss tjänst",
        kind: "licens begränsad till en viss tjänst (lisens begrenset til en bestemt stilling)",
        holds: "har norsk licens, begränsad till en viss tjänst, som",
    },
    bases: [
        "norsk examen",
        "examen från en skola ackrediterad av European Board of Cardiovascular Perfusion",
        "övergångsbestämmelsen",
        "erkända yrkeskvalifikationer från EES eller Schweiz",
        "utländsk examen som är likvärdig med den norska",
        "examen hos utfärdaren",
    ],
    recognised_outside_the_eea: [
        ("GB", "erkända yrkeskvalifikationer från Storbritannien"),
        ("FO", "erkända yrkeskvalifikationer från Färöarna"),
        ("GL", "erkända yrkeskvalifikationer från Grönland"),
    ],
    months: [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    day: " ",
    confirmed: "Härmed intygas att",
    born_and_number: "född den {}, HPR-nummer {},",
    conditions: "Villkor gäller: begär in beslutet.",
    name: "Namn",
    born: "Född",
    hpr_number: "HPR-nummer",
    kind: "Typ",
    basis: "Grund",
    granted: "Beviljad",
    granted_by: "Beviljad av",
    valid_through: "Giltigt till och med",
    number: "Bevisnummer",
    recipients: "Mottagare",
    letters: "Brev",
    how_to_check: "Så kontrolleras beviset",
    check: "Skanna koden med kameran på en telefon. Kontrollera att sidan som öppnas finns på {}: den visar om beviset gäller nu; det gör inte papperet ensamt. Jämför namn och födelsedatum med en fotolegitimation.",
    check_shortly: "Skanna koden: sidan måste finnas på {}. Jämför med en fotolegitimation.",
    signed_for: "för {}",
    signed: "Elektroniskt undertecknat den {} med nyckel {}",
    signed_shortly: "Undertecknat {}, nyckel {}",
    qr_code: "QR-kod med {}, undertecknat. Öppnar sidan där det kan kontrolleras.",
    attachment: "{}, undertecknat",
};

#[cfg(feature = "pdf")]
static DANISH: Words = Words {
    code: "da",
    authorities: &[],
    rights: [
        Right {
            heading: "Bevis for autorisation",
            kind: "autorisation",
            holds: "har norsk autorisation som",
        },
        Right {
            heading: "Bevis for autorisation med vilkår",
            kind: "autorisation med vilkår",
            holds: "har norsk autorisation med vilkår som",
        },
        Right { heading: "Bevis for licens", kind: "licens", holds: "har norsk licens som" },
        Right {
            heading: "Bevis for midlertidig udøvelse",
            kind: "midlertidig udøvelse af erhvervet",
            holds: "har ret til midlertidigt at virke i Norge som",
        },
        Right {
            heading: "Bevis for turnuslicens",
            kind: "turnuslicens",
            holds: "har norsk turnuslicens som",
        },
        Right {
            heading: "Bevis for studenterlicens",
            kind: "studenterlicens",
            holds: "har norsk studenterlicens som",
        },
        Right {
            heading: "Bevis for LIS1-licens",
            kind: "LIS1-licens",
            holds: "har norsk LIS1-licens som",
        },
        Right {
            heading: "Bevis for certificering",
            kind: "certificering (ikke autorisation)",
            holds: "er godkendt som",
        },
    ],
    bound_licence: Right {
        heading: "Bevis for licens begrænset til en bestemt stilling",
        kind: "licens begrænset til en bestemt stilling",
        holds: "har norsk licens, begrænset til en bestemt stilling, som",
    },
    bases: [
        "norsk eksamen",
        "eksamen fra en skole akkrediteret af European Board of Cardiovascular Perfusion",
        "overgangsordningen",
        "anerkendte erhvervsmæssige kvalifikationer fra EØS eller Schweiz",
        "udenlandsk eksamen, der kan sidestilles med den norske",
        "eksamen hos udstederen",
    ],
    recognised_outside_the_eea: [
        ("GB", "anerkendte erhvervsmæssige kvalifikationer fra Storbritannien"),
        ("FO", "anerkendte erhvervsmæssige kvalifikationer fra Færøerne"),
        ("GL", "anerkendte erhvervsmæssige kvalifikationer fra Grønland"),
    ],
    months: [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ],
    day: ". ",
    confirmed: "Det bekræftes hermed, at",
    born_and_number: "født den {}, HPR-nummer {},",
    conditions: "Der gælder vilkår: indhent afgørelsen.",
    name: "Navn",
    born: "Født",
    hpr_number: "HPR-nummer",
    kind: "Type",
    basis: "Grundlag",
    granted: "Meddelt",
    granted_by: "Meddelt af",
    valid_through: "Gyldigt til og med",
    number: "Bevisnummer",
    recipients: "Modtagere",
    letters: "Breve",
    how_to_check: "Sådan kontrolleres beviset",
    check: "Scan koden med kameraet på en telefon. Kontrollér, at siden, der åbnes, er på {}: den viser, om beviset gælder nu; det gør papiret alene ikke. Sammenlign navn og fødselsdato med billedlegitimation.",
    check_shortly: "Scan koden: siden skal være på {}. Sammenlign med billedlegitimation.",
    signed_for: "for {}",
    signed: "Elektronisk underskrevet den {} med nøgle {}",
    signed_shortly: "Underskrevet {}, nøgle {}",
    qr_code: "QR-kode med {}, underskrevet. Åbner siden, hvor det kan kontrolleres.",
    attachment: "{}, underskrevet",
};

#[cfg(all(test, feature = "pdf"))]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_language_is_itself_and_fills_in_what_it_is_given() {
        for language in Language::ALL {
            let words = language.words();
            assert_eq!(words.code, language.code());
            for (sentence, places) in [
                (words.born_and_number, 2),
                (words.check, 1),
                (words.check_shortly, 1),
                (words.signed_for, 1),
                (words.signed, 2),
                (words.signed_shortly, 2),
                (words.qr_code, 1),
                (words.attachment, 1),
            ] {
                assert_eq!(sentence.matches("{}").count(), places, "{sentence}");
            }
        }
        assert_eq!(
            fill_in("født {}, HPR-nummer {},", &["i går", "7"]),
            "født i går, HPR-nummer 7,"
        );
    }

    #[test]
    fn every_right_and_basis_has_words_of_its_own_in_every_language() {
        let rights = Kind::ALL.map(|kind| (kind, false)).into_iter().chain([(Kind::Licence, true)]);
        for language in Language::ALL {
            let words = language.words();
            let right = |(kind, bound_to_post)| words.right(kind, bound_to_post);
            let texts = rights.clone().map(right).flat_map(|right| {
                assert!(!right.holds.is_empty(), "{}", right.kind);
                [right.heading, right.kind]
            });
            let texts: Vec<_> =
                texts.chain(Basis::ALL.map(|basis| words.basis_of_right(basis, None))).collect();
            let different: BTreeSet<_> = texts.iter().filter(|text| !text.is_empty()).collect();
            assert_eq!(different.len(), texts.len(), "{texts:?}");
            assert!(!texts.iter().any(|text| text.contains("EBCP")), "nobody knows it: {texts:?}");
        }
        assert_eq!(
            BOKMAL.right(Kind::Licence, true).kind,
            "lisens begrenset til en bestemt stilling"
        );
        // Only a licence can be bound.
        assert_eq!(BOKMAL.right(Kind::Authorisation, true).kind, "autorisasjon");
    }

    #[test]
    fn in_swedish_a_right_also_has_its_norwegian_name() {
        for (kind, bound_to_post) in
            Kind::ALL.map(|kind| (kind, false)).into_iter().chain([(Kind::Licence, true)])
        {
            let norwegian = format!("({})", BOKMAL.right(kind, bound_to_post).kind);
            let swedish = SWEDISH.right(kind, bound_to_post).kind;
            assert!(swedish.ends_with(&norwegian), "{swedish}");
        }
    }

    #[test]
    fn dates_are_written_as_in_a_letter() {
        let date: CivilDate = "2026-05-07".parse().expect("a date");
        let written = Language::ALL.map(|language| language.words().date(date));
        assert_eq!(
            written,
            ["7. mai 2026", "7. mai 2026", "7 May 2026", "7 maj 2026", "7. maj 2026"]
        );
    }
}
