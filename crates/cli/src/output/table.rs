//! Columns for people.

use anstyle::{AnsiColor, Style};
use sluice_wire::states::StateType;
use sluice_wire::time::Timestamp;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{ago, state_style, styled};

/// What stands between two columns.
const GAP: usize = 2;
/// Text is not made shorter than this.
const LEAST_TEXT: usize = 12;
/// Enough of an id to name it by: the time and some of the chance in it.
const LEAST_ID: usize = 19;

/// One cell: its text, its colour, and how far it may be shortened.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    style: Style,
    least: usize,
}

impl Cell {
    /// Text that may be shortened; on one line, whatever it holds.
    pub(crate) fn text(text: impl ToString) -> Self {
        let text = text.to_string();
        let line = if text.contains(char::is_control) {
            text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        } else {
            text
        };
        Self { text: line, style: Style::new(), least: LEAST_TEXT }
    }

    /// Text, or nothing.
    pub(crate) fn optional(text: Option<impl ToString>) -> Self {
        text.map_or_else(|| Self::exact(""), Self::text)
    }

    /// What says something wrong when it is shortened: numbers, words such as yes and no.
    pub(crate) fn exact(text: impl ToString) -> Self {
        Self { least: usize::MAX, ..Self::text(text) }
    }

    /// An id.
    pub(crate) fn id(id: impl ToString) -> Self {
        Self { least: LEAST_ID, style: AnsiColor::Cyan.on_default(), ..Self::text(id) }
    }

    /// A time, as people say it.
    pub(crate) fn ago(time: Option<Timestamp>, now: Timestamp) -> Self {
        Self::exact(time.map(|time| ago(time, now)).unwrap_or_default())
    }

    /// A state; its name says what its colour says.
    pub(crate) fn state(name: Option<&str>, state: Option<StateType>) -> Self {
        Self { style: state_style(state), ..Self::exact(name.unwrap_or_default()) }
    }

    /// A word that is good or bad news.
    pub(crate) fn status(word: &str, good: bool) -> Self {
        let colour = if good { AnsiColor::Green } else { AnsiColor::Yellow };
        Self { style: colour.on_default(), ..Self::exact(word) }
    }

    /// Whether something hands out runs: it is paused, it is ready, or nobody has asked it for runs lately.
    pub(crate) fn readiness(is_paused: bool, is_ready: Option<bool>) -> Self {
        match is_ready {
            _ if is_paused => Self::status("paused", false),
            Some(true) => Self::status("ready", true),
            Some(false) => Self::status("not ready", false),
            None => Self::exact(""),
        }
    }

    /// A word that is bad news.
    pub(crate) fn failed(word: &str) -> Self {
        Self { style: AnsiColor::Red.on_default().bold(), ..Self::exact(word) }
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

/// Lines of columns with a line of titles.
pub(crate) struct Table {
    titles: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(titles: &[&'static str], rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        Self { titles: titles.to_vec(), rows: rows.into_iter().collect() }
    }

    /// The table as text. Its columns are as wide as their widest cell, unless there is a `width` that they have to fit
    /// in: then the widest are shortened first, and a line never takes more than one line.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let title_style = Style::new().bold();
        let titles =
            self.titles.iter().map(|title| Cell { style: title_style, ..Cell::exact(title) }).collect();
        let mut text = String::new();
        for cells in std::iter::once(&titles).chain(&self.rows) {
            text.push_str(&line(cells, &widths, width));
            text.push('\n');
        }
        text
    }

    fn widths(&self, available: Option<usize>) -> Vec<usize> {
        let column = |index: usize| self.rows.iter().filter_map(move |cells| cells.get(index));
        let mut widths: Vec<usize> = (0..self.titles.len())
            .map(|index| column(index).map(Cell::width).max().unwrap_or(0).max(self.titles[index].width()))
            .collect();
        let Some(available) = available else { return widths };
        let least: Vec<usize> = (0..self.titles.len())
            .map(|index| {
                let cells = column(index).map(|cell| cell.width().min(cell.least)).max().unwrap_or(0);
                cells.max(self.titles[index].width())
            })
            .collect();
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > available {
            let widest = (0..widths.len())
                .filter(|&index| widths[index] > least[index])
                .max_by_key(|&index| widths[index]);
            let Some(widest) = widest else { break };
            widths[widest] -= 1;
        }
        widths
    }
}

fn line(cells: &[Cell], widths: &[usize], available: Option<usize>) -> String {
    let mut text = String::new();
    let mut column = 0;
    let last = cells.len().saturating_sub(1);
    for (index, (cell, &width)) in cells.iter().zip(widths).enumerate() {
        let room = available.map_or(width, |available| width.min(available.saturating_sub(column)));
        if room == 0 {
            break;
        }
        let shown = shorten(&cell.text, room);
        let padding = if index == last { 0 } else { width.saturating_sub(shown.width()) + GAP };
        column += shown.width() + padding;
        text.push_str(&styled(&shown, cell.style));
        text.push_str(&" ".repeat(padding));
    }
    text.truncate(text.trim_end().len());
    text
}

/// The text in at most `width` columns of a terminal; … says that there was more.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut shortened = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        shortened.push(character);
    }
    shortened.push('…');
    shortened
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::{Cell, Table, shorten};

    fn plain(table: &Table, width: Option<usize>) -> String {
        anstream::adapter::strip_str(&table.render(width)).to_string()
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |name: &str, value: &str| vec![Cell::text(name), Cell::text(value)];
        let table = Table::new(&["A", "B"], [row("long", "é"), row("x", ""), row("日本", "two\nlines")]);
        assert_eq!(plain(&table, None), "A     B\nlong  é\nx\n日本  two lines\n");
    }

    #[test]
    fn a_table_fits_the_terminal() {
        let id = "0199c1f2-ab12-7abc-8def-0123456789ab";
        let name = "a-very-long-name-of-a-flow-that-somebody-thought-of";
        let table = Table::new(
            &["ID", "NAME", "RUNS"],
            [
                vec![Cell::id(id), Cell::text(name), Cell::exact(12345)],
                vec![Cell::id(id), Cell::text("x"), Cell::exact(1)],
            ],
        );
        assert!(plain(&table, None).contains(name));
        for width in [1, 10, 40, 60, 80] {
            for line in plain(&table, Some(width)).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
        let narrow = plain(&table, Some(60));
        assert!(
            narrow.contains("0199c1f2-ab12-7abc-8de")
                && narrow.contains("a-very-long-name-of")
                && narrow.contains("12345"),
            "{narrow}"
        );
    }

    #[test]
    fn what_is_shortened_says_so() {
        for (text, width, expected) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 4, "日…"), ("ab", 1, "…")]
        {
            assert_eq!(shorten(text, width), expected);
        }
    }
}
