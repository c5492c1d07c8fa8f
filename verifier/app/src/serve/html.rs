//! Some HTML: escaping, and the few forms of Markdown that our comments use.

pub(super) use crate::html::escape;

/// A name, a value, a media type.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// One line of Markdown: `code` and **strong**.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::new();
    for (n, part) in text.split('`').enumerate() {
        if n % 2 == 1 {
            html += &code(part);
            continue;
        }
        for (n, part) in part.split("**").enumerate() {
            let part = escape(part);
            html += &if n % 2 == 1 { format!("<strong>{part}</strong>") } else { part };
        }
    }
    html
}

/// Markdown with paragraphs and lists.
pub(super) fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        match block.strip_prefix("- ") {
            Some(list) => {
                let items: String =
                    list.split("\n- ").map(|item| format!("<li>{}</li>\n", inline(item))).collect();
                html += &format!("<ul>\n{items}</ul>\n");
            }
            None => html += &format!("<p>{}</p>\n", inline(block)),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
        assert_eq!(
            inline("`<b>` and **<i>**"),
            "<code>&lt;b&gt;</code> and <strong>&lt;i&gt;</strong>"
        );
    }

    #[test]
    fn blank_lines_part_paragraphs_and_hyphens_make_lists() {
        assert_eq!(
            paragraphs("a\nb\n\n- c\n- d"),
            "<p>a\nb</p>\n<ul>\n<li>c</li>\n<li>d</li>\n</ul>\n"
        );
    }
}
