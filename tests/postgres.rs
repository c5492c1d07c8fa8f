//! A real PostgreSQL server for the tests of one program: made in a temporary folder, and gone when
//! the program is.

use std::{
    env, fs,
    io::{BufRead, BufReader, Error},
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use postgres::{Client, NoTls};

/// A server, which stops and removes its folder when this process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Holds the other end of the pipe at which the server's keeper waits.
    _keeper: Child,
    /// How many data bases there are, and those that no test uses.
    count: AtomicU32,
    free: Mutex<Vec<String>>,
}

/// The password of the user `vernet`, which only a connection over TCP asks for.
pub(crate) const PASSWORD: &str = "a password of the tests";

/// Makes a cluster, starts it, waits until nobody holds the other end of its input, and cleans up.
/// It never knows any process but its own. Where there is openssl, the server speaks TLS.
const KEEPER: &str = r#"
cd "$2"
tls="-c ssl=off"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -keyout server.key -out server.crt \
    -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE 2>/dev/null &&
chmod 600 server.key && tls="-c ssl=on -c ssl_cert_file='$2/server.crt' -c ssl_key_file='$2/server.key'"
"$1/initdb" --pgdata=data --username=vernet --pwfile=password --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync >log 2>&1 &&
"$1/pg_ctl" --pgdata=data --log=log --wait --silent \
    --options="-c unix_socket_directories='$2' -c listen_addresses=127.0.0.1 -p $3 -c fsync=off -c max_connections=200 $tls" start >>log 2>&1 &&
echo ready
read -r _
"$1/pg_ctl" --pgdata=data --mode=immediate --silent stop >/dev/null 2>&1
cd / && rm -rf "$2"
"#;

/// Makes a standby server of a running one, as KEEPER makes that.
const STANDBY_KEEPER: &str = r#"
cd "$2"
"$1/pg_basebackup" --host="$4" --port="$5" --username=vernet --pgdata=data --checkpoint=fast --write-recovery-conf --no-sync >log 2>&1 &&
"$1/pg_ctl" --pgdata=data --log=log --wait --silent \
    --options="-c unix_socket_directories='$2' -c listen_addresses='' -p $3 -c fsync=off -c max_connections=200" start >>log 2>&1 &&
echo ready
read -r _
"$1/pg_ctl" --pgdata=data --mode=immediate --silent stop >/dev/null 2>&1
cd / && rm -rf "$2"
"#;

/// A server that follows another one, and can only be read. It stops and removes its folder when it
/// is dropped, or this process ends.
#[derive(Debug)]
pub(crate) struct Standby {
    folder: PathBuf,
    port: u16,
    _keeper: Child,
}

impl Standby {
    /// A URL of a data base, by the socket.
    pub(crate) fn url(&self, data_base: &str) -> String {
        url(&self.folder, self.port, data_base)
    }
}

fn url(folder: &Path, port: u16, data_base: &str) -> String {
    let folder = folder.display().to_string().replace('/', "%2F");
    format!("postgres://vernet@{folder}:{port}/{data_base}")
}

/// A folder for a server, and the program that keeps it, which is the system's user for servers if
/// this is root.
fn prepare() -> Result<(PathBuf, Command), String> {
    let failed = |what: &'static str| move |error: Error| format!("{what}: {error}");
    // A socket's path is short, so not in the target folder.
    let folder = tempfile::Builder::new()
        .prefix("vernet-postgres-")
        .tempdir()
        .map_err(failed("a folder"))?
        .keep();
    fs::write(folder.join("password"), PASSWORD).map_err(failed("a file"))?;
    let mut keeper = Command::new("sh");
    // Postgres refuses to run as root.
    if fs::metadata(&folder).map_err(failed("the folder"))?.uid() == 0 {
        let (uid, gid) = system_user()
            .ok_or("root may not run it, and there is no user `postgres` or `nobody`")?;
        for path in [&folder, &folder.join("password")] {
            chown(path, Some(uid), Some(gid)).map_err(failed("the folder"))?;
        }
        keeper.uid(uid).gid(gid);
    }
    Ok((folder, keeper))
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|at| at.port())
        .map_err(|error| format!("a port: {error}"))
}

/// Starts a keeper, and waits until its server is ready.
fn start(keeper: &mut Command, folder: &Path) -> Result<Child, String> {
    let mut keeper = keeper
        // What ends this process from a terminal must leave the keeper alive to clean up.
        .process_group(0)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("sh: {error}"))?;
    let mut line = String::new();
    let output = keeper.stdout.take().expect("it is piped");
    BufReader::new(output).read_line(&mut line).map_err(|error| format!("sh: {error}"))?;
    match line == "ready\n" {
        true => Ok(keeper),
        false => Err(fs::read_to_string(folder.join("log")).unwrap_or_default()),
    }
}

/// The server, started when it is first asked for; `None` if there is no PostgreSQL on this
/// machine, which under `CI=true` is a failure.
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    match SERVER.get_or_init(Server::start) {
        Ok(server) => Some(server),
        Err(reason) => {
            assert!(
                env::var_os("CI").is_none_or(|ci| ci != "true"),
                "PostgreSQL is missing: {reason}"
            );
            eprintln!("skipped: PostgreSQL is missing: {reason}");
            None
        }
    }
}

impl Server {
    fn start() -> Result<Self, String> {
        let programs =
            programs().ok_or("no `initdb`, neither in PATH nor in /usr/lib/postgresql/*/bin")?;
        let (folder, mut keeper) = prepare()?;
        let port = free_port()?;
        keeper.args(["-c", KEEPER, "keeper"]).args([&programs, &folder]).arg(port.to_string());
        let keeper = start(&mut keeper, &folder)?;
        Ok(Self {
            programs,
            folder,
            port,
            _keeper: keeper,
            count: AtomicU32::new(0),
            free: Mutex::default(),
        })
    }

    /// A URL of a data base, by the socket.
    pub(crate) fn url(&self, data_base: &str) -> String {
        url(&self.folder, self.port, data_base)
    }

    /// A standby server, which has everything that this one has by now.
    pub(crate) fn standby(&self) -> Standby {
        let (folder, mut keeper) = prepare().expect("a folder");
        let port = free_port().expect("a port");
        keeper
            .args(["-c", STANDBY_KEEPER, "keeper"])
            .args([&self.programs, &folder])
            .arg(port.to_string())
            .arg(&self.folder)
            .arg(self.port.to_string());
        let keeper = start(&mut keeper, &folder).expect("a standby server");
        Standby { folder, port, _keeper: keeper }
    }

    /// One of the server's own programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    /// The path of the socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{}", self.port))
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The server's certificate, if it speaks TLS.
    pub(crate) fn certificate(&self) -> Option<PathBuf> {
        Some(self.folder.join("server.crt")).filter(|path| path.exists())
    }

    /// A connection that may do anything.
    pub(crate) fn client(&self, data_base: &str) -> Client {
        Client::connect(&self.url(data_base), NoTls).expect("the server runs")
    }

    /// A data base for one test, with nothing in it. Returns its name.
    pub(crate) fn data_base(&self) -> String {
        if let Some(used) = self.free.lock().expect("nobody panics with it").pop() {
            self.client(&used)
                .batch_execute("DROP SCHEMA IF EXISTS vernet CASCADE")
                .expect("an empty data base");
            return used;
        }
        let name = format!("test_{}", self.count.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        self.client("postgres").batch_execute(&create).expect("a new data base");
        name
    }

    /// Gives a data base back for another test: making one takes much longer than emptying it.
    pub(crate) fn give_back(&self, data_base: &str) {
        self.free.lock().expect("nobody panics with it").push(data_base.to_owned());
    }
}

/// The folder with `initdb`: Debian keeps it out of PATH, one for each version.
fn programs() -> Option<PathBuf> {
    let in_path = env::split_paths(&env::var_os("PATH")?).collect::<Vec<_>>();
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort_by_key(|path| {
        path.iter().rev().nth(1).and_then(|name| name.to_str()?.parse::<u32>().ok())
    });
    let found =
        versions.into_iter().rev().chain(in_path).find(|folder| folder.join("initdb").exists())?;
    fs::canonicalize(found).ok()
}

fn system_user() -> Option<(u32, u32)> {
    let users = fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    ["postgres", "nobody"].iter().find_map(|wanted| {
        let line = users.lines().find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}
