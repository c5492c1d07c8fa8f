//! Circles in a graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The arrows of a graph: each node with its targets.
pub(crate) type Arrows<T> = BTreeMap<T, BTreeSet<T>>;

/// The sets of more than one node in which every node can be reached from every other.
pub(crate) fn knots<T: Ord + Clone>(arrows: &Arrows<T>) -> Vec<BTreeSet<T>> {
    let mut knots: Vec<BTreeSet<T>> = Vec::new();
    let reached: BTreeMap<&T, BTreeSet<T>> =
        arrows.keys().map(|node| (node, reachable(arrows, node))).collect();
    for (node, to) in &reached {
        if knots.iter().any(|knot| knot.contains(node)) {
            continue;
        }
        let back = |other: &&T| reached.get(other).is_some_and(|from| from.contains(node));
        let knot: BTreeSet<T> = to.iter().filter(back).cloned().collect();
        if knot.len() > 1 {
            knots.push(knot);
        }
    }
    knots
}

/// The nodes that can be reached from a node, which includes the node itself if a path leads back.
fn reachable<T: Ord + Clone>(arrows: &Arrows<T>, from: &T) -> BTreeSet<T> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for next in arrows.get(node).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

/// The shortest cycle in a knot, from one of its nodes back to it.
pub(crate) fn shortest<T: Ord + Clone>(arrows: &Arrows<T>, knot: &BTreeSet<T>) -> Vec<T> {
    let rounds = knot.iter().map(|node| round(arrows, node));
    rounds.filter(|round| !round.is_empty()).min_by_key(Vec::len).unwrap_or_default()
}

fn round<T: Ord + Clone>(arrows: &Arrows<T>, start: &T) -> Vec<T> {
    let mut came_from: BTreeMap<&T, &T> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(node) = open.pop_front() {
        for next in arrows.get(node).into_iter().flatten() {
            if next == start {
                let mut way = vec![node.clone()];
                while let Some(before) = came_from.get(way.last().expect("it has one node")) {
                    way.push((*before).clone());
                }
                way.reverse();
                return way;
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, node);
                open.push_back(next);
            }
        }
    }
    Vec::new()
}
