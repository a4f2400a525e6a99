//! Texts of block types are stored escaped, because user interfaces show them as HTML.

/// Escapes `&`, `<` and `>`; quotes stay.
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Undoes [`escape_html`].
pub fn unescape_html(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{escape_html, unescape_html};

    #[test]
    fn escaping_is_undone() {
        let text = "<b>a & \"b\" &lt; 'c'</b>";
        assert_eq!(escape_html(text), "&lt;b&gt;a &amp; \"b\" &amp;lt; 'c'&lt;/b&gt;");
        assert_eq!(unescape_html(&escape_html(text)), text);
    }
}
