//! The text of the letter about a decision, in the reader's language. Each `{}` is replaced.
//!
//! A sentence is `[the body, the title, the first day]`; of a grant `[the body, the kind of right, the
//! title, the first day]`; of a refusal without the day.

use super::words::Language;

/// What a letter says of one kind of decision.
pub(super) struct Decided {
    pub(super) heading: &'static str,
    pub(super) says: &'static str,
}

/// The words of a language.
pub(super) struct DecisionWords {
    /// Helsepersonelloven.
    pub(super) act: &'static str,
    /// Forvaltningsloven.
    pub(super) procedure_act: &'static str,
    pub(super) title: &'static str,
    pub(super) decided: &'static str,
    pub(super) reference: &'static str,
    /// The number of the decision.
    pub(super) decision: &'static str,
    pub(super) legal_basis: &'static str,
    pub(super) granted: Decided,
    pub(super) refused: Decided,
    pub(super) suspended: Decided,
    pub(super) suspended_with_limits: Decided,
    pub(super) extended: Decided,
    pub(super) lifted: Decided,
    pub(super) limited: Decided,
    pub(super) limitation_lifted: Decided,
    pub(super) instructed: Decided,
    pub(super) instruction_ended: Decided,
    pub(super) banned: Decided,
    pub(super) ban_ended: Decided,
    pub(super) revoked: Decided,
    pub(super) annulled: Decided,
    /// The last day.
    pub(super) through: &'static str,
    pub(super) open_ended: &'static str,
    /// Where the conditions, limits or instructions are written.
    pub(super) terms: &'static str,
    pub(super) reason: &'static str,
    pub(super) grounds_apart: &'static str,
    /// The day on which it ends.
    pub(super) unconfirmed: &'static str,
    /// The act, the first day.
    pub(super) may_apply_from: &'static str,
    /// The body that hears appeals, the act, the number of weeks, the act on procedure and its
    /// paragraphs, to whom an appeal is sent, the paragraphs on a stay and on access.
    pub(super) appeal: &'static str,
    /// The officers.
    pub(super) approved_by: &'static str,
    /// Between two officers.
    pub(super) and: &'static str,
    pub(super) no_certificate: &'static str,
}

impl Language {
    pub(super) fn decision_words(self) -> &'static DecisionWords {
        match self {
            Self::Bokmal => &BOKMAL,
            Self::Nynorsk => &NYNORSK,
            Self::English => &ENGLISH,
            Self::Swedish => &SWEDISH,
            Self::Danish => &DANISH,
        }
    }
}

static BOKMAL: DecisionWords = DecisionWords {
    act: "helsepersonelloven",
    procedure_act: "forvaltningsloven",
    title: "Tittel",
    decided: "Vedtaksdato",
    reference: "Vår referanse",
    decision: "vedtak {}",
    legal_basis: "Hjemmel",
    granted: Decided {
        heading: "Vedtak: søknaden er innvilget",
        says: "{} har innvilget søknaden din. Du har {} som {} fra og med {}.",
    },
    refused: Decided {
        heading: "Vedtak: søknaden er avslått",
        says: "{} har avslått søknaden din om {} som {}.",
    },
    suspended: Decided {
        heading: "Vedtak om suspensjon",
        says: "{} har midlertidig suspendert deg som {} fra og med {}.",
    },
    suspended_with_limits: Decided {
        heading: "Vedtak om begrenset suspensjon",
        says: "{} har midlertidig begrenset arbeidet ditt som {} fra og med {}. Du kan arbeide innenfor grensene.",
    },
    extended: Decided {
        heading: "Vedtak om forlenget suspensjon",
        says: "{} har forlenget den midlertidige suspensjonen av deg som {}. Dette gjelder fra {}.",
    },
    lifted: Decided {
        heading: "Vedtak: suspensjonen er opphevet",
        says: "{} har opphevet den midlertidige suspensjonen av deg som {}. Den gjelder ikke lenger fra og med {}.",
    },
    limited: Decided {
        heading: "Vedtak om begrensning",
        says: "{} har begrenset retten din til å arbeide som {} fra og med {}.",
    },
    limitation_lifted: Decided {
        heading: "Vedtak: begrensningen er opphevet",
        says: "{} har opphevet begrensningen av retten din til å arbeide som {}. Den gjelder ikke lenger fra og med {}.",
    },
    instructed: Decided {
        heading: "Vedtak om faglig pålegg",
        says: "{} har gitt deg et faglig pålegg i arbeidet som {} fra og med {}. Retten til å arbeide er den samme som før.",
    },
    instruction_ended: Decided {
        heading: "Vedtak: det faglige pålegget er opphevet",
        says: "{} har opphevet det faglige pålegget i arbeidet ditt som {}. Det gjelder ikke lenger fra og med {}.",
    },
    banned: Decided {
        heading: "Vedtak om forbud mot å yte helsehjelp",
        says: "{} har forbudt deg, som ikke lenger har rett til tittelen {}, å yte helsehjelp fra og med {}.",
    },
    ban_ended: Decided {
        heading: "Vedtak: forbudet mot å yte helsehjelp er opphevet",
        says: "{} har opphevet forbudet mot at du, som hadde tittelen {}, yter helsehjelp. Det gjelder ikke lenger fra og med {}.",
    },
    revoked: Decided {
        heading: "Vedtak om tilbakekall",
        says: "{} har kalt tilbake retten din til å arbeide som {} og til å bruke tittelen fra og med {}.",
    },
    annulled: Decided {
        heading: "Vedtak: innvilgelsen er ugyldig",
        says: "{} har kjent vedtaket som ga deg rett til tittelen {}, ugyldig. Det er uten virkning fra {}.",
    },
    through: "Det gjelder til og med {}.",
    open_ended: "Det gjelder til det blir gjort et nytt vedtak.",
    terms: "Hva det går ut på, står i {}.",
    reason: "Begrunnelse: {}",
    grounds_apart: "Begrunnelsen følger i et eget dokument.",
    unconfirmed: "Vedtaket er gjort av én saksbehandler i en nødsituasjon. Blir det ikke bekreftet av en annen, faller det bort {}.",
    may_apply_from: "En søknad om ny autorisasjon ({} § 62) kan tidligst settes fram {}.",
    appeal: "Du kan klage på vedtaket til {} ({} § 68). Fristen er {} uker fra du fikk dette brevet ({} {}). Send klagen til {}. Du kan be om at vedtaket ikke settes i verk før klagen er avgjort ({}), og du har rett til å se dokumentene i saken ({}).",
    approved_by: "Godkjent elektronisk av {}, uten håndskrevet underskrift.",
    and: " og ",
    no_certificate: "Dette brevet er ikke et bevis. Om retten gjelder i dag, viser bare koden på beviset.",
};

static NYNORSK: DecisionWords = DecisionWords {
    act: "helsepersonellova",
    procedure_act: "forvaltningslova",
    title: "Tittel",
    decided: "Vedtaksdato",
    reference: "Vår referanse",
    decision: "vedtak {}",
    legal_basis: "Heimel",
    granted: Decided {
        heading: "Vedtak: søknaden er innvilga",
        says: "{} har innvilga søknaden din. Du har {} som {} frå og med {}.",
    },
    refused: Decided {
        heading: "Vedtak: søknaden er avslått",
        says: "{} har avslått søknaden din om {} som {}.",
    },
    suspended: Decided {
        heading: "Vedtak om suspensjon",
        says: "{} har mellombels suspendert deg som {} frå og med {}.",
    },
    suspended_with_limits: Decided {
        heading: "Vedtak om avgrensa suspensjon",
        says: "{} har mellombels avgrensa arbeidet ditt som {} frå og med {}. Du kan arbeide innanfor grensene.",
    },
    extended: Decided {
        heading: "Vedtak om forlengd suspensjon",
        says: "{} har forlengt den mellombelse suspensjonen av deg som {}. Dette gjeld frå {}.",
    },
    lifted: Decided {
        heading: "Vedtak: suspensjonen er oppheva",
        says: "{} har oppheva den mellombelse suspensjonen av deg som {}. Han gjeld ikkje lenger frå og med {}.",
    },
    limited: Decided {
        heading: "Vedtak om avgrensing",
        says: "{} har avgrensa retten din til å arbeide som {} frå og med {}.",
    },
    limitation_lifted: Decided {
        heading: "Vedtak: avgrensinga er oppheva",
        says: "{} har oppheva avgrensinga av retten din til å arbeide som {}. Ho gjeld ikkje lenger frå og med {}.",
    },
    instructed: Decided {
        heading: "Vedtak om fagleg pålegg",
        says: "{} har gitt deg eit fagleg pålegg i arbeidet som {} frå og med {}. Retten til å arbeide er den same som før.",
    },
    instruction_ended: Decided {
        heading: "Vedtak: det faglege pålegget er oppheva",
        says: "{} har oppheva det faglege pålegget i arbeidet ditt som {}. Det gjeld ikkje lenger frå og med {}.",
    },
    banned: Decided {
        heading: "Vedtak om forbod mot å yte helsehjelp",
        says: "{} har forbode deg, som ikkje lenger har rett til tittelen {}, å yte helsehjelp frå og med {}.",
    },
    ban_ended: Decided {
        heading: "Vedtak: forbodet mot å yte helsehjelp er oppheva",
        says: "{} har oppheva forbodet mot at du, som hadde tittelen {}, yter helsehjelp. Det gjeld ikkje lenger frå og med {}.",
    },
    revoked: Decided {
        heading: "Vedtak om tilbakekall",
        says: "{} har kalla tilbake retten din til å arbeide som {} og til å bruke tittelen frå og med {}.",
    },
    annulled: Decided {
        heading: "Vedtak: innvilginga er ugyldig",
        says: "{} har kjent vedtaket som gav deg rett til tittelen {}, ugyldig. Det er utan verknad frå {}.",
    },
    through: "Det gjeld til og med {}.",
    open_ended: "Det gjeld til det blir gjort eit nytt vedtak.",
    terms: "Kva det går ut på, står i {}.",
    reason: "Grunngiving: {}",
    grounds_apart: "Grunngivinga følgjer i eit eige dokument.",
    unconfirmed: "Vedtaket er gjort av éin saksbehandlar i ein naudsituasjon. Blir det ikkje stadfesta av ein annan, fell det bort {}.",
    may_apply_from: "Ein søknad om ny autorisasjon ({} § 62) kan tidlegast setjast fram {}.",
    appeal: "Du kan klage på vedtaket til {} ({} § 68). Fristen er {} veker frå du fekk dette brevet ({} {}). Send klaga til {}. Du kan be om at vedtaket ikkje blir sett i verk før klaga er avgjord ({}), og du har rett til å sjå dokumenta i saka ({}).",
    approved_by: "Godkjent elektronisk av {}, utan handskriven underskrift.",
    and: " og ",
    no_certificate: "Dette brevet er ikkje eit bevis. Om retten gjeld i dag, viser berre koden på beviset.",
};

static ENGLISH: DecisionWords = DecisionWords {
    act: "the Norwegian Health Personnel Act",
    procedure_act: "the Public Administration Act",
    title: "Title",
    decided: "Decided on",
    reference: "Our reference",
    decision: "decision {}",
    legal_basis: "Legal basis",
    granted: Decided {
        heading: "Decision: your application is granted",
        says: "{} has granted your application. You have this right: {} as {}, from {} on.",
    },
    refused: Decided {
        heading: "Decision: your application is refused",
        says: "{} has refused your application for this right: {} as {}.",
    },
    suspended: Decided {
        heading: "Decision on suspension",
        says: "{} has temporarily suspended you as {} from {} on.",
    },
    suspended_with_limits: Decided {
        heading: "Decision on a limited suspension",
        says: "{} has temporarily limited your work as {} from {} on. You may work within the limits.",
    },
    extended: Decided {
        heading: "Decision to extend the suspension",
        says: "{} has extended your temporary suspension as {}. This applies from {}.",
    },
    lifted: Decided {
        heading: "Decision: the suspension is lifted",
        says: "{} has lifted your temporary suspension as {}. It no longer applies from {} on.",
    },
    limited: Decided {
        heading: "Decision on a limitation",
        says: "{} has limited your right to work as {} from {} on.",
    },
    limitation_lifted: Decided {
        heading: "Decision: the limitation is lifted",
        says: "{} has lifted the limitation of your right to work as {}. It no longer applies from {} on.",
    },
    instructed: Decided {
        heading: "Decision on a professional instruction",
        says: "{} has given you a professional instruction for your work as {} from {} on. Your right to work is the same as before.",
    },
    instruction_ended: Decided {
        heading: "Decision: the professional instruction ends",
        says: "{} has ended the professional instruction for your work as {}. It no longer applies from {} on.",
    },
    banned: Decided {
        heading: "Decision to ban you from health care",
        says: "{} has banned you, who may no longer work as {}, from providing health care from {} on.",
    },
    ban_ended: Decided {
        heading: "Decision: the ban from health care ends",
        says: "{} has ended the ban from health care on you, who worked as {}. It no longer applies from {} on.",
    },
    revoked: Decided {
        heading: "Decision on revocation",
        says: "{} has revoked your right to work as {} and to use the title from {} on.",
    },
    annulled: Decided {
        heading: "Decision: the grant is not valid",
        says: "{} has declared invalid the decision that gave you the right to work as {}. It has no effect from {} on.",
    },
    through: "It applies through {}.",
    open_ended: "It applies until there is another decision.",
    terms: "The terms are in {}.",
    reason: "Reason: {}",
    grounds_apart: "The reasons follow in a document of their own.",
    unconfirmed: "One officer decided this in an emergency. Unless another one confirms it, it ends on {}.",
    may_apply_from: "An application for a new authorisation ({} § 62) can be made on {} at the earliest.",
    appeal: "You may appeal to {} ({} § 68) within {} weeks of receiving this letter ({} {}). Send the appeal to {}. You may ask that the decision does not take effect before the appeal is decided ({}), and you have the right to see the documents of the case ({}).",
    approved_by: "Approved electronically by {}, without a handwritten signature.",
    and: " and ",
    no_certificate: "This letter is not a certificate. Only the code on the certificate shows whether the right applies today.",
};

static SWEDISH: DecisionWords = DecisionWords {
    act: "den norska helsepersonelloven",
    procedure_act: "den norska forvaltningsloven",
    title: "Titel",
    decided: "Beslutsdatum",
    reference: "Vår referens",
    decision: "beslut {}",
    legal_basis: "Rättslig grund",
    granted: Decided {
        heading: "Beslut: ansökan är beviljad",
        says: "{} har beviljat din ansökan. Du har {} som {} från och med den {}.",
    },
    refused: Decided {
        heading: "Beslut: ansökan är avslagen",
        says: "{} har avslagit din ansökan om {} som {}.",
    },
    suspended: Decided {
        heading: "Beslut om tillfällig indragning",
        says: "{} har tillfälligt dragit in din rätt att arbeta som {} från och med den {}.",
    },
    suspended_with_limits: Decided {
        heading: "Beslut om begränsad tillfällig indragning",
        says: "{} har tillfälligt begränsat ditt arbete som {} från och med den {}. Du får arbeta inom gränserna.",
    },
    extended: Decided {
        heading: "Beslut om förlängd tillfällig indragning",
        says: "{} har förlängt den tillfälliga indragningen av din rätt att arbeta som {}. Detta gäller från den {}.",
    },
    lifted: Decided {
        heading: "Beslut: den tillfälliga indragningen är upphävd",
        says: "{} har upphävt den tillfälliga indragningen av din rätt att arbeta som {}. Den gäller inte längre från och med den {}.",
    },
    limited: Decided {
        heading: "Beslut om begränsning",
        says: "{} har begränsat din rätt att arbeta som {} från och med den {}.",
    },
    limitation_lifted: Decided {
        heading: "Beslut: begränsningen är upphävd",
        says: "{} har upphävt begränsningen av din rätt att arbeta som {}. Den gäller inte längre från och med den {}.",
    },
    instructed: Decided {
        heading: "Beslut om yrkesmässigt åläggande (faglig pålegg)",
        says: "{} har gett dig ett yrkesmässigt åläggande i arbetet som {} från och med den {}. Rätten att arbeta är densamma som förut.",
    },
    instruction_ended: Decided {
        heading: "Beslut: det yrkesmässiga åläggandet är upphävt",
        says: "{} har upphävt det yrkesmässiga åläggandet i ditt arbete som {}. Det gäller inte längre från och med den {}.",
    },
    banned: Decided {
        heading: "Beslut om förbud mot att ge hälso- och sjukvård",
        says: "{} har förbjudit dig, som inte längre har rätt till titeln {}, att ge hälso- och sjukvård från och med den {}.",
    },
    ban_ended: Decided {
        heading: "Beslut: förbudet mot att ge hälso- och sjukvård är upphävt",
        says: "{} har upphävt förbudet för dig, som hade titeln {}, att ge hälso- och sjukvård. Det gäller inte längre från och med den {}.",
    },
    revoked: Decided {
        heading: "Beslut om återkallelse",
        says: "{} har återkallat din rätt att arbeta som {} och att använda titeln från och med den {}.",
    },
    annulled: Decided {
        heading: "Beslut: beviljandet är ogiltigt",
        says: "{} har förklarat beslutet som gav dig rätt till titeln {} ogiltigt. Det saknar verkan från den {}.",
    },
    through: "Det gäller till och med den {}.",
    open_ended: "Det gäller tills ett nytt beslut fattas.",
    terms: "Vad det innebär står i {}.",
    reason: "Skäl: {}",
    grounds_apart: "Skälen följer i ett eget dokument.",
    unconfirmed: "Beslutet är fattat av en handläggare i en nödsituation. Om ingen annan bekräftar det upphör det den {}.",
    may_apply_from: "En ansökan om ny auktorisation ({} § 62) kan göras tidigast den {}.",
    appeal: "Du kan överklaga beslutet till {} ({} § 68) inom {} veckor från det att du fick detta brev ({} {}). Skicka överklagandet till {}. Du kan begära att beslutet inte verkställs förrän överklagandet är avgjort ({}), och du har rätt att se handlingarna i ärendet ({}).",
    approved_by: "Godkänt elektroniskt av {}, utan handskriven underskrift.",
    and: " och ",
    no_certificate: "Detta brev är inget bevis. Bara koden på beviset visar om rätten gäller i dag.",
};

static DANISH: DecisionWords = DecisionWords {
    act: "den norske helsepersonellov",
    procedure_act: "den norske forvaltningslov",
    title: "Titel",
    decided: "Dato for afgørelsen",
    reference: "Vores reference",
    decision: "afgørelse {}",
    legal_basis: "Hjemmel",
    granted: Decided {
        heading: "Afgørelse: ansøgningen er imødekommet",
        says: "{} har imødekommet din ansøgning. Du har {} som {} fra og med den {}.",
    },
    refused: Decided {
        heading: "Afgørelse: ansøgningen er afslået",
        says: "{} har afslået din ansøgning om {} som {}.",
    },
    suspended: Decided {
        heading: "Afgørelse om suspension",
        says: "{} har midlertidigt suspenderet dig som {} fra og med den {}.",
    },
    suspended_with_limits: Decided {
        heading: "Afgørelse om begrænset suspension",
        says: "{} har midlertidigt begrænset dit arbejde som {} fra og med den {}. Du må arbejde inden for grænserne.",
    },
    extended: Decided {
        heading: "Afgørelse om forlænget suspension",
        says: "{} har forlænget den midlertidige suspension af dig som {}. Det gælder fra den {}.",
    },
    lifted: Decided {
        heading: "Afgørelse: suspensionen er ophævet",
        says: "{} har ophævet den midlertidige suspension af dig som {}. Den gælder ikke længere fra og med den {}.",
    },
    limited: Decided {
        heading: "Afgørelse om begrænsning",
        says: "{} har begrænset din ret til at arbejde som {} fra og med den {}.",
    },
    limitation_lifted: Decided {
        heading: "Afgørelse: begrænsningen er ophævet",
        says: "{} har ophævet begrænsningen af din ret til at arbejde som {}. Den gælder ikke længere fra og med den {}.",
    },
    instructed: Decided {
        heading: "Afgørelse om fagligt påbud (faglig pålegg)",
        says: "{} har givet dig et fagligt påbud i arbejdet som {} fra og med den {}. Retten til at arbejde er den samme som før.",
    },
    instruction_ended: Decided {
        heading: "Afgørelse: det faglige påbud er ophævet",
        says: "{} har ophævet det faglige påbud i dit arbejde som {}. Det gælder ikke længere fra og med den {}.",
    },
    banned: Decided {
        heading: "Afgørelse om forbud mod at yde sundhedshjælp",
        says: "{} har forbudt dig, som ikke længere har ret til titlen {}, at yde sundhedshjælp fra og med den {}.",
    },
    ban_ended: Decided {
        heading: "Afgørelse: forbuddet mod at yde sundhedshjælp er ophævet",
        says: "{} har ophævet forbuddet mod, at du, som havde titlen {}, yder sundhedshjælp. Det gælder ikke længere fra og med den {}.",
    },
    revoked: Decided {
        heading: "Afgørelse om tilbagekaldelse",
        says: "{} har tilbagekaldt din ret til at arbejde som {} og til at bruge titlen fra og med den {}.",
    },
    annulled: Decided {
        heading: "Afgørelse: tilladelsen er ugyldig",
        says: "{} har kendt den afgørelse, der gav dig ret til titlen {}, ugyldig. Den er uden virkning fra den {}.",
    },
    through: "Det gælder til og med den {}.",
    open_ended: "Det gælder, indtil der træffes en ny afgørelse.",
    terms: "Hvad det går ud på, står i {}.",
    reason: "Begrundelse: {}",
    grounds_apart: "Begrundelsen følger i et dokument for sig.",
    unconfirmed: "Afgørelsen er truffet af én sagsbehandler i en nødsituation. Bliver den ikke bekræftet af en anden, bortfalder den den {}.",
    may_apply_from: "En ansøgning om ny autorisation ({} § 62) kan tidligst indgives den {}.",
    appeal: "Du kan klage over afgørelsen til {} ({} § 68) inden {} uger efter, at du har fået dette brev ({} {}). Send klagen til {}. Du kan bede om, at afgørelsen ikke sættes i kraft, før klagen er afgjort ({}), og du har ret til at se sagens dokumenter ({}).",
    approved_by: "Godkendt elektronisk af {}, uden håndskreven underskrift.",
    and: " og ",
    no_certificate: "Dette brev er ikke et bevis. Om retten gælder i dag, viser kun koden på beviset.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_fills_in_what_it_is_given() {
        for language in Language::ALL {
            let words = language.decision_words();
            let decided = [
                (&words.granted, 4),
                (&words.refused, 3),
                (&words.suspended, 3),
                (&words.suspended_with_limits, 3),
                (&words.extended, 3),
                (&words.lifted, 3),
                (&words.limited, 3),
                (&words.limitation_lifted, 3),
                (&words.instructed, 3),
                (&words.instruction_ended, 3),
                (&words.banned, 3),
                (&words.ban_ended, 3),
                (&words.revoked, 3),
                (&words.annulled, 3),
            ];
            let sentences = [
                (words.decision, 1),
                (words.through, 1),
                (words.open_ended, 0),
                (words.terms, 1),
                (words.reason, 1),
                (words.unconfirmed, 1),
                (words.may_apply_from, 2),
                (words.appeal, 8),
                (words.approved_by, 1),
            ];
            let all = decided.map(|(one, places)| (one.says, places)).into_iter().chain(sentences);
            for (sentence, places) in all {
                assert_eq!(sentence.matches("{}").count(), places, "{sentence}");
            }
        }
    }
}
