//! The text of the page, in the reader's language.
//!
//! Northern Sámi is missing, because the authors do not write it well enough for an official
//! document.

#[cfg(feature = "pdf")]
use vernet_common::{Basis, CivilDate, Kind};

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
    /// The protected title.
    pub(super) title: &'static str,
    /// Headings, in the order of [`Kind::ALL`].
    headings: [&'static str; 4],
    /// The kinds of right, in the same order.
    kinds: [&'static str; 4],
    /// The words before the title, in the same order.
    holds: [&'static str; 4],
    /// In the order of [`Basis::ALL`].
    bases: [&'static str; 6],
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
    pub(super) how_to_check: &'static str,
    /// The host of the page.
    pub(super) check: &'static str,
    pub(super) check_shortly: &'static str,
    /// The authority.
    pub(super) signed_for: &'static str,
    /// Day, key.
    pub(super) signed: &'static str,
    /// Day, key.
    pub(super) signed_shortly: &'static str,
    pub(super) qr_code: &'static str,
    pub(super) attachment: &'static str,
}

#[cfg(feature = "pdf")]
impl Words {
    pub(super) fn heading(&self, kind: Kind) -> &'static str {
        of_kind(&self.headings, kind)
    }

    /// The name that an authority uses in this language, if that is not its legal name.
    pub(super) fn authority(&self, name: &str) -> Option<&'static str> {
        self.authorities.iter().find(|(known, _)| *known == name).map(|(_, own)| *own)
    }

    pub(super) fn kind_of_right(&self, kind: Kind) -> &'static str {
        of_kind(&self.kinds, kind)
    }

    pub(super) fn holds(&self, kind: Kind) -> &'static str {
        of_kind(&self.holds, kind)
    }

    pub(super) fn basis_of_right(&self, basis: Basis) -> &'static str {
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

#[cfg(feature = "pdf")]
fn of_kind(words: &[&'static str; 4], kind: Kind) -> &'static str {
    let place = Kind::ALL.iter().position(|known| *known == kind);
    words[place.expect("every kind is in the list of all")]
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
    title: "perfusjonist",
    headings: [
        "Bevis for autorisasjon",
        "Bevis for autorisasjon med begrensning",
        "Bevis for lisens",
        "Bevis for lisens bundet til en stilling",
    ],
    kinds: [
        "autorisasjon",
        "autorisasjon med begrensning",
        "lisens",
        "lisens bundet til en stilling",
    ],
    holds: [
        "har autorisasjon som",
        "har autorisasjon med begrensning som",
        "har lisens som",
        "har lisens, bundet til en stilling, som",
    ],
    bases: [
        "norsk eksamen",
        "eksamen fra en skole som EBCP hadde akkreditert",
        "overgangsordningen",
        "godkjente yrkeskvalifikasjoner fra et annet EØS-land",
        "utenlandsk eksamen som er jevngod med norsk",
        "ny autorisasjon",
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
    granted: "Gitt",
    granted_by: "Gitt av",
    valid_through: "Gyldig til og med",
    number: "Bevisets nummer",
    how_to_check: "Slik kontrolleres beviset",
    check: "Skann koden med kameraet på en telefon. Siden som åpnes, {}, viser om beviset gjelder nå; papiret alene gjør det ikke. Sammenlign navn og \
            fødselsdato med legitimasjon med bilde.",
    check_shortly: "Skann koden, og sammenlign med legitimasjon med bilde.",
    signed_for: "for {}",
    signed: "Elektronisk signert {} med nøkkel {}",
    signed_shortly: "Signert {}, nøkkel {}",
    qr_code: "QR-kode med det signerte beviset. Åpner siden der det kan kontrolleres.",
    attachment: "Det signerte beviset",
};

#[cfg(feature = "pdf")]
static NYNORSK: Words = Words {
    code: "nn",
    authorities: &[],
    title: "perfusjonist",
    headings: [
        "Bevis for autorisasjon",
        "Bevis for autorisasjon med avgrensing",
        "Bevis for lisens",
        "Bevis for lisens bunden til ei stilling",
    ],
    kinds: [
        "autorisasjon",
        "autorisasjon med avgrensing",
        "lisens",
        "lisens bunden til ei stilling",
    ],
    holds: [
        "har autorisasjon som",
        "har autorisasjon med avgrensing som",
        "har lisens som",
        "har lisens, bunden til ei stilling, som",
    ],
    bases: [
        "norsk eksamen",
        "eksamen frå ein skule som EBCP hadde akkreditert",
        "overgangsordninga",
        "godkjende yrkeskvalifikasjonar frå eit anna EØS-land",
        "utanlandsk eksamen som er jamgod med norsk",
        "ny autorisasjon",
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
    granted: "Gitt",
    granted_by: "Gitt av",
    valid_through: "Gyldig til og med",
    number: "Nummeret på beviset",
    how_to_check: "Slik kontrollerer du beviset",
    check: "Skann koden med kameraet på ein telefon. Sida som opnar seg, {}, viser om beviset gjeld no; papiret åleine gjer det ikkje. Samanlikn namn og \
            fødselsdato med legitimasjon med bilete.",
    check_shortly: "Skann koden, og samanlikn med legitimasjon med bilete.",
    signed_for: "for {}",
    signed: "Elektronisk signert {} med nøkkel {}",
    signed_shortly: "Signert {}, nøkkel {}",
    qr_code: "QR-kode med det signerte beviset. Opnar sida der det kan kontrollerast.",
    attachment: "Det signerte beviset",
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
    ],
    title: "perfusionist",
    headings: [
        "Certificate of authorisation",
        "Certificate of authorisation with limitation",
        "Certificate of licence",
        "Certificate of licence bound to a position",
    ],
    kinds: [
        "authorisation",
        "authorisation with limitation",
        "licence",
        "licence bound to a position",
    ],
    holds: [
        "is authorised in Norway as",
        "is authorised in Norway, with limitation, as",
        "is licensed in Norway as",
        "is licensed in Norway, bound to a position, as",
    ],
    bases: [
        "Norwegian examination",
        "examination of a school that the EBCP had accredited",
        "transitional provision",
        "professional qualifications recognised from another EEA state",
        "equivalent foreign examination",
        "new authorisation",
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
    kind: "Kind",
    basis: "Basis",
    granted: "Granted",
    granted_by: "Granted by",
    valid_through: "Valid through",
    number: "Certificate number",
    how_to_check: "How to check this certificate",
    check: "Scan the code with a phone’s camera. The page that opens, {}, tells whether the certificate is in force now; the paper alone does not. Compare \
            name and birth date with a photo ID.",
    check_shortly: "Scan the code, and compare with a photo ID.",
    signed_for: "for {}",
    signed: "Signed electronically on {} with key {}",
    signed_shortly: "Signed {}, key {}",
    qr_code: "QR code with the signed certificate. Opens the page where it can be checked.",
    attachment: "The signed certificate",
};

#[cfg(feature = "pdf")]
static SWEDISH: Words = Words {
    code: "sv",
    authorities: &[],
    title: "perfusionist",
    headings: [
        "Bevis om auktorisation",
        "Bevis om auktorisation med begränsning",
        "Bevis om licens",
        "Bevis om licens bunden till en tjänst",
    ],
    kinds: [
        "auktorisation",
        "auktorisation med begränsning",
        "licens",
        "licens bunden till en tjänst",
    ],
    holds: [
        "har norsk auktorisation som",
        "har norsk auktorisation med begränsning som",
        "har norsk licens som",
        "har norsk licens, bunden till en tjänst, som",
    ],
    bases: [
        "norsk examen",
        "examen från en skola som EBCP hade ackrediterat",
        "övergångsbestämmelsen",
        "erkända yrkeskvalifikationer från en annan EES-stat",
        "utländsk examen som är likvärdig med den norska",
        "ny auktorisation",
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
    valid_through: "Giltig till och med",
    number: "Bevisets nummer",
    how_to_check: "Så kontrolleras beviset",
    check: "Skanna koden med kameran på en telefon. Sidan som öppnas, {}, visar om beviset gäller nu; det gör inte papperet ensamt. Jämför namn och \
            födelsedatum med en fotolegitimation.",
    check_shortly: "Skanna koden, och jämför med en fotolegitimation.",
    signed_for: "för {}",
    signed: "Elektroniskt undertecknat den {} med nyckel {}",
    signed_shortly: "Undertecknat {}, nyckel {}",
    qr_code: "QR-kod med det undertecknade beviset. Öppnar sidan där det kan kontrolleras.",
    attachment: "Det undertecknade beviset",
};

#[cfg(feature = "pdf")]
static DANISH: Words = Words {
    code: "da",
    authorities: &[],
    title: "perfusionist",
    headings: [
        "Bevis for autorisation",
        "Bevis for autorisation med begrænsning",
        "Bevis for licens",
        "Bevis for licens bundet til en stilling",
    ],
    kinds: [
        "autorisation",
        "autorisation med begrænsning",
        "licens",
        "licens bundet til en stilling",
    ],
    holds: [
        "har norsk autorisation som",
        "har norsk autorisation med begrænsning som",
        "har norsk licens som",
        "har norsk licens, bundet til en stilling, som",
    ],
    bases: [
        "norsk eksamen",
        "eksamen fra en skole, som EBCP havde akkrediteret",
        "overgangsordningen",
        "anerkendte erhvervsmæssige kvalifikationer fra et andet EØS-land",
        "udenlandsk eksamen på niveau med den norske",
        "ny autorisation",
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
    granted: "Givet",
    granted_by: "Givet af",
    valid_through: "Gyldig til og med",
    number: "Bevisets nummer",
    how_to_check: "Sådan kontrolleres beviset",
    check: "Scan koden med kameraet på en telefon. Siden, der åbnes, {}, viser, om beviset gælder nu; det gør papiret alene ikke. Sammenlign navn og \
            fødselsdato med billedlegitimation.",
    check_shortly: "Scan koden, og sammenlign med billedlegitimation.",
    signed_for: "for {}",
    signed: "Elektronisk underskrevet den {} med nøgle {}",
    signed_shortly: "Underskrevet {}, nøgle {}",
    qr_code: "QR-kode med det underskrevne bevis. Åbner siden, hvor det kan kontrolleres.",
    attachment: "Det underskrevne bevis",
};

#[cfg(all(test, feature = "pdf"))]
mod tests {
    use super::*;

    #[test]
    fn every_language_is_itself_and_fills_in_what_it_is_given() {
        for language in Language::ALL {
            let words = language.words();
            assert_eq!(words.code, language.code());
            for (sentence, places) in [
                (words.born_and_number, 2),
                (words.check, 1),
                (words.signed_for, 1),
                (words.signed, 2),
                (words.signed_shortly, 2),
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
    fn dates_are_written_as_in_a_letter() {
        let date: CivilDate = "2026-05-07".parse().expect("a date");
        let written = Language::ALL.map(|language| language.words().date(date));
        assert_eq!(
            written,
            ["7. mai 2026", "7. mai 2026", "7 May 2026", "7 maj 2026", "7. maj 2026"]
        );
    }
}
