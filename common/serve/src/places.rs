//! Limited resources: connections, requests, batches, uploads. One client alone may not have all of
//! them, or it could lock out everybody else by being slow.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// One client may have half of the places.
pub const HALF: usize = 2;

/// One client may have a quarter of the places.
pub const QUARTER: usize = 4;

/// A limited number of places.
#[derive(Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    shares: Option<Arc<Shares>>,
}

/// A place, taken until this value is dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Option<Share>,
}

/// How many places each client holds.
struct Shares {
    most: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// One place of a client's share.
struct Share {
    of: Arc<Shares>,
    client: IpAddr,
}

impl Places {
    /// `places` in total, and at most one of so many parts of them for one client, if clients can be
    /// told apart.
    pub fn new(places: usize, parts: usize, behind_proxy: bool) -> Self {
        let shares = Shares { most: places.div_ceil(parts), taken: Mutex::default() };
        Self {
            free: Arc::new(Semaphore::new(places)),
            shares: (!behind_proxy).then(|| Arc::new(shares)),
        }
    }

    /// A place, if there is one for this client.
    pub fn take(&self, client: IpAddr) -> Option<Place> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let share = match &self.shares {
            Some(shares) => Some(shares.take(network(client))?),
            None => None,
        };
        Some(Place { _permit: permit, _share: share })
    }
}

impl Shares {
    fn take(self: &Arc<Self>, client: IpAddr) -> Option<Share> {
        let mut taken = self.taken();
        let count = taken.entry(client).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { of: Arc::clone(self), client })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(count) = taken.get_mut(&self.client) {
            *count -= 1;
            // Clients without a place are forgotten.
            if *count == 0 {
                taken.remove(&self.client);
            }
        }
    }
}

/// An IPv6 customer has 2^64 addresses.
pub fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_for_one_client_and_the_rest_for_others() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let (one, same_network, other) =
            (address("2001:db8::1"), address("2001:db8::2"), address("192.0.2.1"));
        let places = Places::new(4, HALF, false);
        let held = [places.take(one), places.take(same_network)];
        assert!(held.iter().all(Option::is_some));
        assert!(places.take(one).is_none(), "a third of one network");
        let others = [places.take(other), places.take(other)];
        assert!(others.iter().all(Option::is_some));
        assert!(places.take(address("198.51.100.1")).is_none(), "a fifth");
        drop(held);
        assert!(places.take(one).is_some(), "free again");
    }

    #[test]
    fn a_share_is_at_least_one_place() {
        let one = "192.0.2.1".parse().expect("an address");
        let places = Places::new(1, QUARTER, false);
        let held = places.take(one);
        assert!(held.is_some() && places.take(one).is_none());
    }

    #[test]
    fn behind_a_proxy_all_clients_look_like_one() {
        let proxy = "192.0.2.1".parse().expect("an address");
        let places = Places::new(3, HALF, true);
        let held: Vec<_> = std::iter::from_fn(|| places.take(proxy)).take(4).collect();
        assert_eq!(held.len(), 3);
    }
}
