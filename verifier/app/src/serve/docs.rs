//! The description for people, as plain HTML without scripts. It is generated from the OpenAPI
//! object, so the two agree.

use anyhow::Result;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use vernet_verifier::{Code, Colour};

use super::{
    examples::EXAMPLE_VERDICT,
    file::File,
    html::{code, escape, inline, paragraphs},
    problem,
};

/// The description in its two forms.
pub(crate) struct Docs {
    pub(super) openapi: File,
    pub(super) page: String,
    pub(super) style: File,
}

impl Docs {
    pub(super) fn new(openapi: &OpenApi) -> Result<Self> {
        let json = openapi.to_pretty_json()?.into_bytes();
        Ok(Self {
            page: page(&serde_json::to_value(openapi)?),
            openapi: File::new("openapi.json".into(), "application/json", json),
            style: File::new(
                "docs.css".into(),
                "text/css; charset=utf-8",
                include_bytes!("docs.css").to_vec(),
            ),
        })
    }
}

fn page(openapi: &Value) -> String {
    let mut contents = String::new();
    let mut main = String::new();
    for tag in array(&openapi["tags"]) {
        let name = string(&tag["name"]);
        main += &format!(
            "<section>\n<h2 id=\"{0}\">{1}</h2>\n",
            escape(name),
            escape(&capitalised(name))
        );
        main += &paragraphs(string(&tag["description"]));
        contents +=
            &format!("<li><a href=\"#{}\">{}</a><ul>\n", escape(name), escape(&capitalised(name)));
        for (path, methods) in object(&openapi["paths"]) {
            for (method, operation) in object(methods) {
                if array(&operation["tags"]).any(|tag| *tag == name) {
                    let id = escape(string(&operation["operationId"]));
                    contents +=
                        &format!("<li><a href=\"#{id}\"><code>{}</code></a></li>\n", escape(path));
                    main += &operation_section(openapi, path, method, operation);
                }
            }
        }
        contents += "</ul></li>\n";
        main += "</section>\n";
    }
    let (title, version) =
        (escape(string(&openapi["info"]["title"])), escape(string(&openapi["info"]["version"])));
    let introduction = paragraphs(string(&openapi["info"]["description"]));
    let (objects, verdicts, problems) = (objects(openapi), verdict_codes(), problem_codes());
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}: the interface for programs</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<a class="skip" href="#introduction">To the text</a>
<header>
<h1>{title}</h1>
<p>The interface for programs, version {version}. As OpenAPI 3.1: <a href="openapi.json"><code>/openapi.json</code></a>. The page for phones: <a href="v/"><code>/v/</code></a>.</p>
</header>
<nav aria-label="Contents">
<ul>
<li><a href="#introduction">Introduction</a></li>
{contents}<li><a href="#objects">Objects</a></li>
<li><a href="#verdict-codes">Verdict codes</a></li>
<li><a href="#problems">Problems</a></li>
</ul>
</nav>
<main>
<section id="introduction">
<h2>Introduction</h2>
{introduction}</section>
{main}{objects}{verdicts}{problems}</main>
</body>
</html>
"##
    )
}

fn operation_section(openapi: &Value, path: &str, method: &str, operation: &Value) -> String {
    let id = escape(string(&operation["operationId"]));
    let mut html = format!(
        "<article aria-labelledby=\"{id}\">\n<h3 id=\"{id}\"><span class=\"method\">{}</span> <code>{}</code></h3>\n<p class=\"summary\">{}</p>\n{}",
        escape(&method.to_ascii_uppercase()),
        escape(path).replace('/', "/<wbr>"),
        inline(string(&operation["summary"])),
        paragraphs(string(&operation["description"])),
    );
    if !operation["security"].is_null() {
        html += "<p>If the server asks for a token, add <code>--header 'Authorization: Bearer TOKEN'</code>.</p>\n";
    }
    for sample in array(&operation["x-codeSamples"]) {
        let (label, source) = (escape(string(&sample["label"])), escape(string(&sample["source"])));
        html += &format!(
            "<figure>\n<figcaption>{label}</figcaption>\n<pre tabindex=\"0\"><code>{source}</code></pre>\n</figure>\n"
        );
    }
    let parameters = array(&operation["parameters"]).map(|parameter| {
        let about = format!(
            "{}, in the {}",
            type_of(openapi, &parameter["schema"]),
            escape(string(&parameter["in"]))
        );
        [code(string(&parameter["name"])), about, inline(string(&parameter["description"]))]
    });
    html += &table("Parameters", ["name", "type", "meaning"], parameters);
    let body = &operation["requestBody"];
    let bodies = object(&body["content"]).map(|(media_type, content)| {
        let form = if content["schema"].is_null() {
            "as it is".to_owned()
        } else {
            type_of(openapi, &content["schema"])
        };
        [code(media_type), form]
    });
    html += &table("Body", ["<code>Content-Type</code>", "form"], bodies);
    html += &paragraphs(string(&body["description"]));
    let answers = object(&operation["responses"]).map(|(status, answer)| {
        let mut about = paragraphs(string(&answer["description"]));
        for problem in problem::Code::ALL {
            let name = problem.name();
            let link = format!("<a href=\"#{name}\"><code>{name}</code></a>:");
            about = about.replace(&format!("<code>{name}</code>:"), &link);
        }
        // All problems have one form, which the introduction describes.
        let forms =
            object(&answer["content"]).filter(|(media_type, _)| *media_type != problem::MEDIA_TYPE);
        for (media_type, content) in forms {
            about +=
                &format!("<p>{}: {}</p>\n", code(media_type), type_of(openapi, &content["schema"]));
        }
        [code(status), about]
    });
    html += &table("Answers", ["status", "meaning"], answers);
    html + "</article>\n"
}

/// The objects of requests and answers, the most important first.
fn objects(openapi: &Value) -> String {
    const FIRST: [&str; 4] = ["Verdict", "Question", "Problem", "CertificateClaims"];
    let schemas = &openapi["components"]["schemas"];
    let others =
        object(schemas).map(|(name, _)| name.as_str()).filter(|name| !FIRST.contains(name));
    let mut html = "<section>\n<h2 id=\"objects\">Objects</h2>\n".to_owned();
    for name in FIRST.into_iter().chain(others).filter(|name| schemas[name]["type"] == "object") {
        let schema = &schemas[name];
        html += &format!(
            "<h3 id=\"object-{0}\">{0}</h3>\n{1}",
            escape(name),
            paragraphs(string(&schema["description"]))
        );
        // In the order of the source; optional members come last.
        let required = array(&schema["required"]).map(string);
        let optional = object(&schema["properties"])
            .map(|(name, _)| name.as_str())
            .filter(|name| !array(&schema["required"]).any(|required| required == name));
        let rows = required
            .map(|name| (name, ""))
            .chain(optional.map(|name| (name, ", may be absent")))
            .map(|(name, absent)| {
                let member = &schema["properties"][name];
                [code(name), type_of(openapi, member) + absent, inline(description(member))]
            });
        html += &table(&format!("Members of {name}"), ["member", "type", "meaning"], rows);
        if name == "Verdict" {
            html += &format!(
                "<figure>\n<figcaption>Example</figcaption>\n<pre tabindex=\"0\"><code>{}</code></pre>\n</figure>\n",
                escape(EXAMPLE_VERDICT.trim_end())
            );
        }
    }
    html + "</section>\n"
}

fn verdict_codes() -> String {
    let rows = Code::ALL.iter().map(|verdict| {
        let (class, colour) = match verdict.colour() {
            Colour::Accepted => ("accepted", "✔ accepted"),
            Colour::Refused => ("refused", "✘ refused"),
            Colour::Undetermined => ("undetermined", "? undetermined"),
        };
        let name = format!("<span id=\"verdict-{verdict}\">{}</span>", code(&verdict.to_string()));
        [name, format!("<span class=\"colour {class}\">{colour}</span>"), escape(verdict.advice())]
    });
    let table = table("The codes of a verdict", ["code", "colour", "what to do"], rows);
    format!(
        "<section>\n<h2 id=\"verdict-codes\">Verdict codes</h2>\n<p>Stable: programs may match on them. New ones may be added, each with its \
         colour.</p>\n{table}</section>\n"
    )
}

fn problem_codes() -> String {
    let rows = problem::Code::ALL.map(|problem| {
        let name = problem.name();
        let anchor = format!("<span id=\"{}\">{}</span>", escape(&name), code(&name));
        [anchor, problem.status().as_u16().to_string(), inline(problem.about())]
    });
    let table = table("The codes of a problem", ["code", "status", "meaning"], rows);
    format!(
        "<section>\n<h2 id=\"problems\">Problems</h2>\n<p>Why there is no verdict (RFC 9457). The <code>type</code> of a problem leads here.</p>\n\
         {table}</section>\n"
    )
}

/// A table whose rows begin with a header cell; nothing if there are no rows. Cells are HTML.
///
/// The roles repeat what the elements imply: on narrow screens the style sheet lays rows out as
/// blocks, and browsers then no longer expose them as a table.
fn table<const N: usize>(
    caption: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut body = String::new();
    for row in rows {
        let [first, rest @ ..] = row.as_slice() else { continue };
        let cells: String =
            rest.iter().map(|cell| format!("<td role=\"cell\">{cell}</td>")).collect();
        body += &format!(
            "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">{first}</th>{cells}</tr>\n"
        );
    }
    if body.is_empty() {
        return body;
    }
    let head =
        head.map(|name| format!("<th scope=\"col\" role=\"columnheader\">{name}</th>")).concat();
    format!(
        "<table role=\"table\">\n<caption>{}</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">{head}</tr></thead>\n\
         <tbody role=\"rowgroup\">\n{body}</tbody>\n</table>\n",
        escape(caption)
    )
}

/// What a member means. If it may be null, the description is at the other alternative.
fn description(member: &Value) -> &str {
    let own = std::iter::once(member)
        .chain(array(&member["oneOf"]))
        .map(|schema| string(&schema["description"]));
    own.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// A JSON Schema in a few words, as HTML.
fn type_of(openapi: &Value, schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
    {
        let named = &openapi["components"]["schemas"][name];
        return match name {
            "VerdictCode" => "a <a href=\"#verdict-codes\">verdict code</a>".to_owned(),
            "ProblemCode" => "a <a href=\"#problems\">problem code</a>".to_owned(),
            _ if named["type"] == "object" => {
                format!("<a href=\"#object-{0}\">{0}</a>", escape(name))
            }
            _ => type_of(openapi, named),
        };
    }
    let choices: Vec<&Value> = array(&schema["oneOf"]).chain(array(&schema["anyOf"])).collect();
    if !choices.is_empty() {
        // Null last, as people would say it.
        let (null, other): (Vec<&Value>, Vec<&Value>) =
            choices.into_iter().partition(|choice| choice["type"] == "null");
        return other
            .into_iter()
            .chain(null)
            .map(|choice| type_of(openapi, choice))
            .collect::<Vec<_>>()
            .join(" or ");
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(|value| code(string(value))).collect::<Vec<_>>().join(" or ");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().map(string).collect::<Vec<_>>().join(" or "),
        one => string(one).to_owned(),
    };
    let format = schema["format"].as_str().filter(|format| !format.starts_with("int"));
    let format = format.map(|format| format!(" ({format})")).unwrap_or_default();
    let example = array(&schema["examples"])
        .next()
        .map(Value::to_string)
        .filter(|example| example.len() < 60);
    let example = example.map(|example| format!(", as in {}", code(&example))).unwrap_or_default();
    escape(&types) + &escape(&format) + &example
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::{super::openapi::describe, *};

    fn docs() -> Docs {
        Docs::new(&describe()).expect("the description")
    }

    #[test]
    fn every_problem_leads_to_its_explanation() {
        let docs = docs();
        for code in problem::Code::ALL {
            assert_eq!(
                docs.page.matches(&format!(" id=\"{}\"", code.name())).count(),
                1,
                "{code:?}"
            );
        }
    }

    #[test]
    fn every_verdict_has_its_line() {
        let docs = docs();
        for code in Code::ALL {
            assert!(docs.page.contains(&format!("id=\"verdict-{code}\"")), "{code}");
        }
    }

    #[test]
    fn every_link_within_the_page_leads_somewhere() {
        let docs = docs();
        for link in docs.page.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap_or_default();
            assert!(docs.page.contains(&format!(" id=\"{target}\"")), "{target}");
        }
    }
}
