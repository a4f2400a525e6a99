//! Which of several findings a person gets to see.

use std::cmp::Ordering;

use crate::Finding;

/// The finding that tells most: the one nearest to the root; when it is about alternatives, the one that is deepest
/// inside of them, unless several are alike.
pub(crate) fn best_match(findings: Vec<Finding>) -> Option<Finding> {
    let mut best: Option<Finding> = None;
    for finding in findings {
        // The first of equals wins.
        if best.as_ref().is_none_or(|best| relevance(&finding, best) == Ordering::Greater) {
            best = Some(finding);
        }
    }
    let mut best = best?;
    loop {
        let mut order: Vec<usize> = (0..best.context.len()).collect();
        order.sort_by(|left, right| relevance(&best.context[*left], &best.context[*right]));
        match order.as_slice() {
            [] => return Some(best),
            [first, second, ..]
                if relevance(&best.context[*first], &best.context[*second]) == Ordering::Equal =>
            {
                return Some(best);
            }
            [first, ..] => {
                let first = *first;
                best = best.context.swap_remove(first);
            }
        }
    }
}

fn relevance(left: &Finding, right: &Finding) -> Ordering {
    let depth = |finding: &Finding| std::cmp::Reverse(finding.path.len());
    let is_strong = |finding: &Finding| !matches!(finding.keyword.as_str(), "anyOf" | "oneOf");
    depth(left)
        .cmp(&depth(right))
        .then_with(|| left.path.cmp(&right.path))
        .then_with(|| is_strong(left).cmp(&is_strong(right)))
        .then_with(|| (!left.matches_type).cmp(&!right.matches_type))
}

#[cfg(test)]
mod tests {
    use super::best_match;
    use crate::{Finding, PathPart};

    fn finding(message: &str, depth: usize, keyword: &str, context: Vec<Finding>) -> Finding {
        Finding {
            path: vec![PathPart::Key("a".to_owned()); depth],
            keyword: keyword.to_owned(),
            message: message.to_owned(),
            matches_type: false,
            context,
        }
    }

    #[test]
    fn prefers_the_root_and_looks_into_alternatives() {
        let deep = finding("deep", 2, "type", Vec::new());
        let shallow = finding("shallow", 1, "type", Vec::new());
        let any_of = |context| finding("any", 1, "anyOf", context);
        let cases = [
            (vec![deep.clone(), shallow.clone()], "shallow"),
            (vec![any_of(Vec::new()), shallow.clone()], "shallow"),
            (vec![any_of(vec![shallow.clone(), deep.clone()])], "deep"),
            (vec![any_of(vec![shallow.clone(), shallow.clone()])], "any"),
        ];
        for (findings, expected) in cases {
            assert_eq!(best_match(findings).map(|best| best.message).as_deref(), Some(expected));
        }
        assert_eq!(best_match(Vec::new()), None);
    }
}
