//! What a verdict costs, beside a bare check of one signature and other people's libraries, in one
//! run. See README.md.

#[cfg(feature = "rivals")]
mod processes;
#[cfg(feature = "rivals")]
mod rivals;

use anyhow::{Context, Result};
use serde_json::json;
use vernet_bench::{
    ours::Ours,
    slices::{Case, Cost, Quartiles, measure},
};

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("--first") {
        return Ours::run_first();
    }
    let arguments = Arguments::read()?;
    let ours = Ours::new()?;
    let runs = (0..arguments.runs)
        .map(|_| one_run(&ours, &arguments))
        .collect::<Result<Vec<Vec<Cost>>>>()?;
    print(&runs);
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&json!({ "runs": runs }))?)?;
    }
    Ok(())
}

struct Arguments {
    runs: usize,
    rounds: usize,
    /// Where the costs of all runs are written as JSON.
    json: Option<String>,
    /// Node.js and Python, if the rivals in other languages are wanted.
    #[cfg(feature = "rivals")]
    programs: Option<(String, String)>,
}

impl Arguments {
    fn read() -> Result<Self> {
        let value = |name: &str| {
            let mut arguments = std::env::args().skip_while(|argument| argument != name);
            arguments.next().and_then(|_| arguments.next())
        };
        let number = |name: &str, otherwise| value(name).map_or(Ok(otherwise), |text| text.parse());
        Ok(Self {
            runs: number("--runs", 5).context("`--runs`")?,
            rounds: number("--rounds", 101).context("`--rounds`")?,
            json: value("--json"),
            #[cfg(feature = "rivals")]
            programs: value("--node").zip(value("--python")),
        })
    }
}

fn one_run(ours: &Ours, arguments: &Arguments) -> Result<Vec<Cost>> {
    let token = ours.token();
    let mut reference = token.bare_check()?;
    let mut cases: Vec<Case<'_>> = ours.cases()?;
    // How far two measurements of the same differ.
    cases.push(token.bare_check()?);
    #[cfg(feature = "rivals")]
    cases.extend(rivals::rivals(token)?);
    #[cfg(feature = "rivals")]
    if let Some((node, python)) = &arguments.programs {
        cases.extend(rivals::processes(token, node, python)?);
    }
    measure(&mut reference, &mut cases, arguments.rounds)
}

/// The median of the runs, its quartiles in the median run, and the worst run.
fn print(runs: &[Vec<Cost>]) {
    println!(
        "{} runs; the cost of one check in the processor time of one thread, a bare `verify_strict` = 1.00\n",
        runs.len()
    );
    println!("{:<44}{:>8}{:>16}{:>8}{:>10}", "", "median", "quartiles", "worst", "µs");
    for place in 0..runs[0].len() {
        let mut costs: Vec<&Cost> = runs.iter().map(|run| &run[place]).collect();
        costs.sort_by(|one, other| one.ratio.median.total_cmp(&other.ratio.median));
        let middle = costs[(costs.len() - 1) / 2];
        let worst = costs[costs.len() - 1].ratio.median;
        let Quartiles { lower, median, upper } = middle.ratio;
        println!(
            "{:<44}{median:>8.3}{:>16}{worst:>8.3}{:>10.1}",
            middle.name,
            format!("{lower:.3}-{upper:.3}"),
            middle.nanoseconds.median / 1000.0,
        );
    }
}
