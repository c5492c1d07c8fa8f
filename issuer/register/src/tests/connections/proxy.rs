//! Something between a client and the server that cuts connections where a test wants it.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

/// What happens to the connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// Nothing.
    Pass,
    /// The next `COMMIT` is kept from the server, and the connection cut.
    CommitIsLost,
    /// The next `COMMIT` reaches the server; the answer is kept from the client, and the connection
    /// cut.
    AnswerIsLost,
    /// The same, and nobody is let through afterwards.
    AnswerIsLostForGood,
    /// Nobody is let through.
    Dead,
    /// Each message may be the last, about one of so many.
    Chance(u64),
}

/// A proxy on 127.0.0.1 before a server's socket.
pub(super) struct Proxy {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    fate: Fate,
    cuts: u32,
    random: u64,
}

impl Proxy {
    pub(super) fn new(socket: PathBuf, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let state = Arc::new(Mutex::new(State { fate: Fate::Pass, cuts: 0, random: seed }));
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if locked(&shared).fate == Fate::Dead {
                    continue;
                }
                let server = UnixStream::connect(&socket).expect("the server runs");
                relay(client, server, &shared);
            }
        });
        Self { port, state }
    }

    pub(super) fn set(&self, fate: Fate) {
        locked(&self.state).fate = fate;
    }

    /// How many connections it has cut.
    pub(super) fn cuts(&self) -> u32 {
        locked(&self.state).cuts
    }
}

fn locked(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().expect("nobody panics with it")
}

fn relay(client: TcpStream, server: UnixStream, state: &Arc<Mutex<State>>) {
    let (mut client_in, mut server_in) =
        (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
    let (to_server, to_client) = (state.clone(), state.clone());
    // The answer that comes next is to be lost.
    let lose = Arc::new(Mutex::new(false));
    let losing = lose.clone();
    let cut = move |client: &TcpStream, server: &UnixStream| {
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    };
    let (mut client_out, mut server_out) = (client, server);
    let (client_end, server_end) =
        (client_out.try_clone().expect("a handle"), server_out.try_clone().expect("a handle"));
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(length @ 1..) = client_in.read(&mut buffer) {
            let message = &buffer[..length];
            let mut state = locked(&to_server);
            let commit = message.windows(7).any(|window| window == b"COMMIT\0");
            let fate = state.fate;
            let is_lost = (commit && fate == Fate::CommitIsLost) || state.by_chance();
            if commit && matches!(fate, Fate::AnswerIsLost | Fate::AnswerIsLostForGood) {
                *losing.lock().expect("nobody panics with it") = true;
                state.fate = if fate == Fate::AnswerIsLost { Fate::Pass } else { Fate::Dead };
            }
            if is_lost {
                state.cuts += 1;
                if fate == Fate::CommitIsLost {
                    state.fate = Fate::Pass;
                }
                break;
            }
            drop(state);
            if server_out.write_all(message).is_err() {
                break;
            }
        }
        cut(&client_end, &server_out);
    });
    thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(length @ 1..) = server_in.read(&mut buffer) {
            let lost = *lose.lock().expect("nobody panics with it");
            let mut state = locked(&to_client);
            if lost || state.by_chance() {
                state.cuts += 1;
                break;
            }
            drop(state);
            if client_out.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        cut(&client_out, &server_end);
    });
}

impl State {
    fn by_chance(&mut self) -> bool {
        let Fate::Chance(one_of) = self.fate else { return false };
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).is_multiple_of(one_of)
    }
}
