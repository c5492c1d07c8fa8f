//! `applications`: what applicants send through the inbox, opened and answered.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{Table, presets};
use serde_json::{Value, json};
use vernet_applications::{ApplicantForm, FormDraft, InboxKey, ReceiptId, Step, Submission, Text};
use vernet_common::{CivilDate, NumericDate};
use vernet_host::{KeyFile, clock, note, printable, random};
use vernet_issuer::{
    Applications, Credentials, NewAnswer, OfficeConfig, OpenedApplication, Told, letter_from_file,
    write_application,
};

use super::{
    Session,
    inbox::examine_elsewhere,
    terminal::{fitted, shown},
};

#[derive(Args)]
pub(super) struct ApplicationsArgs {
    /// The private inbox key, from `keys new --use inbox`; if not given, `keys/inbox.pem` in the
    /// office's folder
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_INBOX_KEY")]
    inbox_key: Option<PathBuf>,
    #[command(subcommand)]
    command: ApplicationsCommand,
}

#[derive(Subcommand)]
enum ApplicationsCommand {
    /// Take what has come, and list every application
    List,
    /// Show everything that was sent and answered under a receipt
    Show(ReceiptArgs),
    /// Write an application and its documents into a new folder, for `propose grant`
    Open(OpenArgs),
    /// Answer an applicant, and tell by mail that there is something to read
    Answer(AnswerArgs),
    /// Tell an applicant by mail once more, and post again what the inbox lost
    Notify(ReceiptArgs),
    /// Delete an application, here and at the inbox: the code opens nothing any more
    Delete(ReceiptArgs),
}

#[derive(Args)]
struct ReceiptArgs {
    /// The receipt, or its first digits
    receipt: String,
}

#[derive(Args)]
struct OpenArgs {
    #[command(flatten)]
    receipt: ReceiptArgs,
    /// The new folder. Delete it when the proposal is made: what is in it is not encrypted
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The day of the decision; today if not given
    #[arg(long, value_name = "DATE")]
    decided: Option<CivilDate>,
    /// The first day of the right; the day of the decision if not given
    #[arg(long, value_name = "DATE")]
    granted: Option<CivilDate>,
}

#[derive(Args)]
struct AnswerArgs {
    #[command(flatten)]
    receipt: ReceiptArgs,
    /// Where the application has come to
    #[arg(value_enum)]
    step: StepArg,
    /// What you write to the applicant
    #[arg(long, value_name = "TEXT", conflicts_with = "text_file")]
    text: Option<String>,
    /// The same, from a file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// The last day for what is asked
    #[arg(long, value_name = "DATE")]
    by: Option<CivilDate>,
    /// A letter to send with it: PDF, JPEG or PNG. As often as needed
    #[arg(long, value_name = "FILE")]
    letter: Vec<PathBuf>,
    /// Send no mail
    #[arg(long)]
    no_mail: bool,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum StepArg {
    /// You have it, and look at it
    Received,
    /// You say something, and nothing changes
    Message,
    /// You ask for something, by a day
    Request,
    /// You mean to refuse, and hear the applicant first (forvaltningsloven § 16), by a day
    Hearing,
    /// It is granted: with the letter
    Granted,
    /// It is refused: with the letter
    Refused,
    /// It is withdrawn, or ended otherwise
    Closed,
}

impl From<StepArg> for Step {
    fn from(step: StepArg) -> Self {
        match step {
            StepArg::Received => Self::Received,
            StepArg::Message => Self::Message,
            StepArg::Request => Self::Request,
            StepArg::Hearing => Self::Hearing,
            StepArg::Granted => Self::Granted,
            StepArg::Refused => Self::Refused,
            StepArg::Closed => Self::Closed,
        }
    }
}

pub(super) fn run(session: &Session, args: &ApplicationsArgs) -> Result<()> {
    let desk = Desk::open(session, args)?;
    match &args.command {
        ApplicationsCommand::List => list(&desk),
        ApplicationsCommand::Show(args) => show(&desk, args),
        ApplicationsCommand::Open(args) => open(&desk, args),
        ApplicationsCommand::Answer(args) => answer(&desk, args),
        ApplicationsCommand::Notify(args) => notify(&desk, args),
        ApplicationsCommand::Delete(args) => delete(&desk, args),
    }
}

/// The applications, as of now.
struct Desk<'a> {
    session: &'a Session,
    applications: Applications,
    key_file: PathBuf,
    now: NumericDate,
}

impl<'a> Desk<'a> {
    fn open(session: &'a Session, args: &ApplicationsArgs) -> Result<Self> {
        let now = clock()?;
        let config = OfficeConfig::read(&session.office)?;
        let applications = Applications::of_office(&session.office, &config, now)?;
        applications.take()?;
        let usual = || session.office.join("keys/inbox.pem");
        let key_file = args.inbox_key.clone().unwrap_or_else(usual);
        Ok(Self { session, applications, key_file, now })
    }

    fn key(&self) -> Result<InboxKey> {
        let reading = || format!("the inbox key `{}`", self.key_file.display());
        // Errors in the file are reported before anybody is asked.
        let file = KeyFile::open(&self.key_file).with_context(reading)?;
        let passphrase = self.session.credentials.of_existing_keys().passphrase(&self.key_file)?;
        Ok(InboxKey::new(file.decrypt(&passphrase).with_context(reading)?))
    }

    fn opened(&self, args: &ReceiptArgs, key: &InboxKey) -> Result<OpenedApplication> {
        let application = self.applications.open(key, &self.receipt(args)?)?;
        for (name, fault) in &application.faults {
            note(format_args!(
                "warning: `{name}` is left out: {} [{}]",
                printable(&fault.to_string()),
                fault.code()
            ));
        }
        Ok(application)
    }

    fn receipt(&self, args: &ReceiptArgs) -> Result<ReceiptId> {
        Ok(self.applications.find(&args.receipt.to_lowercase())?)
    }

    /// Tells the applicant, and what became of that. An answer that is posted stays so.
    fn told(&self, application: &OpenedApplication) -> Result<Told> {
        self.applications.notify(application, self.now).context(
            "the answer IS posted, and the applicant was not told: `vernet-issuer applications notify` tries again",
        )
    }
}

fn list(desk: &Desk<'_>) -> Result<()> {
    let receipts = desk.applications.receipts()?;
    let opened: Vec<OpenedApplication> = match receipts.is_empty() {
        true => Vec::new(),
        false => {
            let key = desk.key()?;
            let open = |receipt| Ok(desk.applications.open(&key, receipt)?);
            receipts.iter().map(open).collect::<Result<_>>()?
        }
    };
    let mut opened: Vec<_> = opened.iter().collect();
    // What waits for the office first, the oldest of it on top.
    opened.sort_by_key(|one| (!one.is_news(), one.submissions.first().map(|first| first.received)));
    let objects: Vec<Value> = opened.iter().map(|one| summary(one)).collect();
    desk.session.answer(&json!(objects), || {
        if opened.is_empty() {
            return "no application has come".to_owned();
        }
        let mut table = Table::new();
        let header = ["receipt", "applied", "name", "born", "title", "step", "new", "waits until"];
        table.load_style(presets::NOTHING).set_header(header);
        let day = |day: Option<CivilDate>| day.map_or(String::new(), |day| day.to_string());
        for one in &opened {
            let form = one.form();
            table.add_row([
                one.receipt.short(),
                day(one.applied()),
                form.map_or("does not open".into(), names),
                day(form.map(|form| form.birthdate)),
                form.map_or(String::new(), |form| form.title.to_string()),
                one.step().map_or("", Step::word).to_owned(),
                if one.is_news() { "new".into() } else { String::new() },
                day(one.waits_until()),
            ]);
        }
        fitted(&mut table, &[0])
    })
}

fn summary(one: &OpenedApplication) -> Value {
    json!({
        "receipt": one.receipt,
        "applied": one.applied(),
        "form": one.form().cloned().map(FormDraft::from),
        "step": one.step().map(Step::word),
        "new": one.is_news(),
        "waits_until": one.waits_until(),
        "documents": one.documents().len(),
        "left_out": one.faults.iter().map(|(name, fault)| json!({ "file": name, "code": fault.code() }))
            .collect::<Vec<_>>(),
    })
}

fn names(form: &ApplicantForm) -> String {
    form.given_name.with(&form.family_name)
}

fn show(desk: &Desk<'_>, args: &ReceiptArgs) -> Result<()> {
    let application = desk.opened(args, &desk.key()?)?;
    let mut object = summary(&application);
    object["submissions"] = application.submissions.iter().map(sent_as_json).collect();
    object["answers"] = application
        .answers
        .iter()
        .map(|answer| serde_json::to_value(&answer.claims))
        .collect::<Result<_, _>>()?;
    desk.session.answer(&object, || in_words(&application))
}

fn sent_as_json(submission: &Submission) -> Value {
    json!({
        "received": submission.received.to_string(),
        "text": submission.text,
        "documents": submission.documents.iter().map(|document| json!(document.about())).collect::<Vec<_>>(),
    })
}

fn in_words(application: &OpenedApplication) -> String {
    let mut lines = vec![format!("receipt {}", application.receipt)];
    if let Some(form) = application.form().cloned() {
        let draft = FormDraft::from(form);
        let filled = draft.fields().into_iter().filter(|(_, text)| !text.is_empty());
        lines.extend(filled.map(|(name, text)| format!("  {}: {text}", name.replace('_', " "))));
    }
    let mut happened: Vec<(NumericDate, String)> = Vec::new();
    for submission in &application.submissions {
        let documents = submission.documents.len();
        let text = submission.text.as_ref().map_or(String::new(), indented);
        happened.push((submission.received, format!("sent, documents: {documents}{text}")));
    }
    for answer in &application.answers {
        let by = answer.claims.by.map_or(String::new(), |by| format!(", by {by}"));
        let text = answer.claims.text.as_ref().map_or(String::new(), indented);
        let step = answer.claims.step.word();
        happened.push((answer.claims.iat, format!("answered: {step}{by}{text}")));
    }
    happened.sort_by_key(|(at, _)| *at);
    lines.extend(happened.into_iter().map(|(at, what)| format!("{at} {what}")));
    lines.join("\n")
}

fn indented(text: &Text) -> String {
    text.as_str().lines().map(|line| format!("\n    {line}")).collect()
}

fn open(desk: &Desk<'_>, args: &OpenArgs) -> Result<()> {
    let application = desk.opened(&args.receipt, &desk.key()?)?;
    let decided = args.decided.unwrap_or(desk.now.civil_date());
    let days = (decided, args.granted.unwrap_or(decided));
    let written = write_application(&application, &args.out, days, &examine_elsewhere)?;
    for (name, unfit) in &written.left_out {
        note(format_args!(
            "warning: `{name}` is left out: it is not what it should be [{}]",
            unfit.code()
        ));
    }
    let no_number = application.form().is_some_and(|form| form.hpr_number.is_none());
    let object = json!({
        "application": shown(&written.application),
        "documents": written.documents.iter().map(|file| shown(file)).collect::<Vec<_>>(),
        "left_out": written.left_out.iter().map(|(name, unfit)| json!({ "file": name, "code": unfit.code() }))
            .collect::<Vec<_>>(),
    });
    desk.session.answer(&object, || {
        let documents: String = written
            .documents
            .iter()
            .map(|file| format!(" --document {}", file.display()))
            .collect();
        let number = match no_number {
            true => "There is no health personnel number yet: enter it as `hpr_number`, and\n",
            false => "",
        };
        format!(
            "wrote {} and documents: {}. Compare every member with the documents, then\n{number}\
             vernet-issuer propose grant {}{documents}\n\
             Delete the folder after it: what is in it is not encrypted.",
            written.application.display(),
            written.documents.len(),
            written.application.display(),
        )
    })
}

fn answer(desk: &Desk<'_>, args: &AnswerArgs) -> Result<()> {
    let text = match (&args.text, &args.text_file) {
        (Some(text), _) => Some(text.parse()?),
        (None, Some(file)) => Some(read_text(file)?.parse()?),
        (None, None) => None,
    };
    let documents =
        args.letter.iter().map(|file| letter_from_file(file)).collect::<Result<_, _>>()?;
    let key = desk.key()?;
    let mut application = desk.opened(&args.receipt, &key)?;
    let new = NewAnswer { step: args.step.into(), text, by: args.by, documents };
    desk.applications.answer(&key, &mut application, new, desk.now, &mut random())?;
    let told = match args.no_mail {
        true => Told::Nobody,
        false => desk.told(&application)?,
    };
    answered(desk, &application, &told)
}

fn notify(desk: &Desk<'_>, args: &ReceiptArgs) -> Result<()> {
    let key = desk.key()?;
    let application = desk.opened(args, &key)?;
    desk.applications.post_again(&key, &application, &mut random())?;
    let told = desk.told(&application)?;
    answered(desk, &application, &told)
}

fn answered(desk: &Desk<'_>, application: &OpenedApplication, told: &Told) -> Result<()> {
    let number = application.answers.last().map(|answer| answer.claims.number);
    let mail = match told {
        Told::Mail(address) => Some(address.as_str()),
        Told::Nobody => None,
    };
    let object = json!({ "receipt": application.receipt, "answer": number, "mail": mail });
    desk.session.answer_done("the answer IS posted", &object, || {
        let short = application.receipt.short();
        let number = number.unwrap_or_default();
        match mail {
            Some(address) => {
                format!("answer {number} to {short} is posted, and a mail to {address} says so")
            }
            None => format!("answer {number} to {short} is posted; no mail was sent"),
        }
    })
}

fn delete(desk: &Desk<'_>, args: &ReceiptArgs) -> Result<()> {
    let receipt = desk.receipt(args)?;
    desk.applications.delete(&receipt)?;
    let object = json!({ "deleted": receipt });
    desk.session.answer_done("the application IS deleted", &object, || {
        format!("deleted {receipt}, here and at the inbox; documents of proposals stay")
    })
}

fn read_text(file: &Path) -> Result<String> {
    const MAX: u64 = 64 << 10;
    let reading = || format!("reading `{}`", file.display());
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().take(MAX).read_to_string(&mut text),
        false => fs::File::open(file).and_then(|file| file.take(MAX).read_to_string(&mut text)),
    };
    read.with_context(reading)?;
    Ok(text)
}
