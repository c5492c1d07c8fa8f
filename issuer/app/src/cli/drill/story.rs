//! What the drill prints, and its findings for programs. Any unexpected result ends it with an
//! error.

use std::io::Write;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use vernet_common::{Bundle, NumericDate};
use vernet_host::{printable, printable_lines};
use vernet_verifier::{
    Code, Colour, InputError, Knowledge, LogEvidence, Memory, Policy, Verdict, verify,
};

use super::{super::Session, DrillOffice};

/// What a hospital knows after it was given some lists, or why it does not accept them.
pub(super) struct Sees {
    knowledge: Result<Knowledge, vernet_common::Error>,
    now: NumericDate,
}

impl Sees {
    pub(super) fn of(bundle: &Bundle, memory: &mut Memory, now: NumericDate) -> Self {
        Self { knowledge: Knowledge::learn(bundle, memory, &Policy::default(), now), now }
    }

    fn verdict(&self, input: &str) -> Result<Verdict> {
        match &self.knowledge {
            Ok(knowledge) => Ok(verify(input, knowledge, &Policy::default(), self.now)),
            Err(error) => bail!("the hospital does not take the lists: {error} [{}]", error.code()),
        }
    }
}

pub(super) struct Story {
    json: bool,
    step: u8,
    findings: Vec<Value>,
}

impl Story {
    pub(super) fn new(json: bool) -> Self {
        Self { json, step: 0, findings: Vec::new() }
    }

    /// A closed pipe ends the output, not the drill.
    pub(super) fn say(&self, text: &str) {
        if !self.json {
            let _ = writeln!(anstream::stdout(), "{}", printable_lines(text));
        }
    }

    pub(super) fn title(&mut self, text: &str) {
        self.step += 1;
        self.say(&format!("\n{}. {text}", self.step));
    }

    pub(super) fn command(&self, text: &str) {
        self.say(&format!("   $ {}", printable(text)));
    }

    pub(super) fn fact(&mut self, mut fact: Value) {
        fact["step"] = self.step.into();
        self.findings.push(fact);
    }

    /// The verdicts on everybody's paper, as it was printed before the theft.
    pub(super) fn paper(&mut self, office: &DrillOffice, sees: Sees, expected: Code) -> Result<()> {
        let mut good = 0;
        for link in &office.paper {
            good += usize::from(sees.verdict(link)?.code() == expected);
        }
        let all = office.paper.len();
        self.say(&format!("   {good} of {all} certificates on paper: {expected}"));
        self.fact(json!({ "paper": all, "accepted": good }));
        ensure!(good == all, "the drill expected `{expected}` of every certificate on paper");
        Ok(())
    }

    /// The verdict that somebody sees who is shown the thief's certificate.
    pub(super) fn shown(
        &mut self,
        holds: &str,
        who: &str,
        forged: &str,
        sees: &Sees,
        expected: Code,
    ) -> Result<()> {
        let verdict = sees.verdict(forged)?;
        self.verdict(holds, who, &verdict);
        let code = verdict.code();
        ensure!(
            code == expected,
            "the drill expected the verdict `{expected}` instead of `{code}`"
        );
        Ok(())
    }

    /// The same with lists under which the verdict must not be green.
    pub(super) fn refused(
        &mut self,
        holds: &str,
        who: &str,
        (forged, lists): (&str, &Bundle),
        memory: &Memory,
        now: NumericDate,
    ) -> Result<()> {
        match Sees::of(lists, &mut memory.clone(), now).verdict(forged) {
            Ok(verdict) => {
                self.verdict(holds, who, &verdict);
                ensure!(
                    verdict.colour() != Colour::Accepted,
                    "the drill expected anything but a green answer"
                );
            }
            Err(error) => self.say(&format!("   {who}: {error}")),
        }
        Ok(())
    }

    /// What somebody sees who is given lists that contradict earlier ones.
    pub(super) fn alarm(
        &mut self,
        holds: &str,
        who: &str,
        lists: &Bundle,
        memory: &Memory,
        now: NumericDate,
        expected: &str,
    ) -> Result<()> {
        let Err(error) = Knowledge::learn(lists, &mut memory.clone(), &Policy::default(), now)
        else {
            bail!("the drill expected the alarm `{expected}`");
        };
        let kept = LogEvidence::of(&error, lists, memory).is_some();
        self.say(&format!("   {who}:\n   ALARM  [{}]\n     {error}", error.code()));
        if kept {
            self.say(
                "     → the old lists stay in use; both logs are kept as evidence, under the office's own signatures",
            );
        }
        self.fact(
            json!({ "thief_holds": holds, "party": who, "sees": error.code(), "evidence": kept }),
        );
        ensure!(
            error.code() == expected && kept,
            "the drill expected `{expected}` and evidence of it"
        );
        Ok(())
    }

    fn verdict(&mut self, holds: &str, who: &str, verdict: &Verdict) {
        let text: String = verdict.to_string().lines().map(|line| format!("\n   {line}")).collect();
        self.say(&format!("   {who}:{text}"));
        let cause = verdict.cause().map(InputError::code);
        self.fact(
            json!({ "thief_holds": holds, "party": who, "sees": verdict.code(), "cause": cause }),
        );
    }

    pub(super) fn end(self, session: &Session) -> Result<()> {
        let object = json!({ "drill": "key_theft", "findings": self.findings });
        session.answer(&object, || {
            "\nNobody is accepted whom the office did not grant, unless all three keys are stolen and the hospital sees nothing but the thief's lists; once it \
             sees the office's, there is an alarm with proof. Where the roots ask for a witness, not even then."
                .to_owned()
        })
    }
}
