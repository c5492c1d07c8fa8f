//! Turns at something that only a few may do at a time, given out fairly among clients: whoever has
//! the fewest is next. One client alone never has all of them, and its queue is its own.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use vernet_serve::network;

/// A limited number of turns.
#[derive(Clone)]
pub(super) struct Turns(Arc<Shared>);

/// A turn, until this value is dropped.
pub(super) struct Turn {
    of: Turns,
    client: IpAddr,
}

struct Shared {
    /// The most turns of one client.
    most: usize,
    state: Mutex<State>,
}

struct State {
    free: usize,
    held: HashMap<IpAddr, usize>,
    /// Who waits, in the order of arrival.
    waiting: Vec<(IpAddr, oneshot::Sender<Turn>)>,
}

impl Turns {
    /// So many turns at a time, and at most half of them for one client, if clients can be told
    /// apart.
    pub(super) fn new(turns: usize, behind_proxy: bool) -> Self {
        let most = if behind_proxy { turns } else { turns.div_ceil(2) };
        let state = State { free: turns, held: HashMap::new(), waiting: Vec::new() };
        Self(Arc::new(Shared { most, state: Mutex::new(state) }))
    }

    /// Waits for a turn. Whoever stops waiting loses the place in the queue, and nothing else.
    pub(super) async fn take(&self, client: IpAddr) -> Option<Turn> {
        let (give, given) = oneshot::channel();
        self.state().waiting.push((network(client), give));
        self.give_out();
        given.await.ok()
    }

    fn give_out(&self) {
        loop {
            let next = self.state().next(self.0.most);
            let Some((client, waiter)) = next else { return };
            // If nobody waits there any more, the turn is dropped, which gives out the next.
            drop(waiter.send(Turn { of: self.clone(), client }));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a turn for the one who waits and has the fewest, the longest waiting among equals.
    fn next(&mut self, most: usize) -> Option<(IpAddr, oneshot::Sender<Turn>)> {
        if self.free == 0 {
            return None;
        }
        let held = |client| self.held.get(client).copied().unwrap_or_default();
        let (place, count) = self
            .waiting
            .iter()
            .map(|(client, _)| held(client))
            .enumerate()
            .filter(|(_, count)| *count < most)
            .min_by_key(|(_, count)| *count)?;
        let (client, waiter) = self.waiting.remove(place);
        self.held.insert(client, count + 1);
        self.free -= 1;
        Some((client, waiter))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        {
            let mut state = self.of.state();
            state.free += 1;
            match state.held.get_mut(&self.client) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(state.held.remove(&self.client)),
            }
        }
        self.of.give_out();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// The turn, if it is there already.
    fn now(taking: Pin<&mut impl Future<Output = Option<Turn>>>) -> Option<Turn> {
        match taking.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => turn,
            Poll::Pending => None,
        }
    }

    #[test]
    fn one_client_has_half_and_waits_for_itself_only() {
        let turns = Turns::new(2, false);
        let (one, same, other) =
            (address("2001:db8::1"), address("2001:db8::2"), address("192.0.2.1"));
        let first = now(pin!(turns.take(one))).expect("a turn");
        let mut second = pin!(turns.take(same));
        assert!(now(second.as_mut()).is_none(), "half is taken by its network");
        let others = now(pin!(turns.take(other))).expect("the other half");
        drop(others);
        assert!(now(second.as_mut()).is_none(), "it is not for this client");
        drop(first);
        assert!(now(second.as_mut()).is_some());
    }

    #[test]
    fn whoever_has_the_fewest_is_next() {
        let turns = Turns::new(4, false);
        let (one, two, three) = (address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3"));
        let mut held: Vec<_> =
            [one, one, two, two].map(|client| now(pin!(turns.take(client)))).into();
        assert!(held.iter().all(Option::is_some));
        let (mut again, mut new) = (pin!(turns.take(one)), pin!(turns.take(three)));
        assert!(now(again.as_mut()).is_none() && now(new.as_mut()).is_none());
        held.pop();
        assert!(now(again.as_mut()).is_none(), "it has two");
        assert!(now(new.as_mut()).is_some(), "it came later, and has none");
    }

    #[test]
    fn whoever_has_gone_takes_no_turn() {
        let turns = Turns::new(1, true);
        let proxy = address("192.0.2.1");
        let held = now(pin!(turns.take(proxy))).expect("a turn");
        {
            let mut gone = pin!(turns.take(proxy));
            assert!(now(gone.as_mut()).is_none());
        }
        let mut waits = pin!(turns.take(proxy));
        assert!(now(waits.as_mut()).is_none());
        drop(held);
        assert!(now(waits.as_mut()).is_some());
    }
}
