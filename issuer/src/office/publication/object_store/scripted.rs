//! A bucket in memory in which something happens at a chosen operation.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use async_trait::async_trait;
use futures_util::{TryStreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    memory::InMemory, path::Path,
};

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// The request never reaches the store.
    LoseRequest,
    /// The store does as it is asked, and its answer is lost.
    LoseAnswer,
    /// Somebody else writes all of these first.
    Others(BTreeMap<Path, Vec<u8>>),
}

#[derive(Debug)]
pub(super) struct Scripted {
    inner: Arc<InMemory>,
    act: Act,
    at: usize,
    done: AtomicUsize,
}

impl Scripted {
    pub(super) fn new(inner: Arc<InMemory>, act: Act, at: usize) -> Self {
        Self { inner, act, at, done: AtomicUsize::new(0) }
    }

    /// Whether it came to that.
    pub(super) fn happened(&self) -> bool {
        self.done.load(SeqCst) > self.at
    }

    /// Whether the answer to this operation is lost.
    async fn act(&self) -> Result<bool> {
        if self.done.fetch_add(1, SeqCst) != self.at {
            return Ok(false);
        }
        match &self.act {
            Act::LoseRequest => return Err(lost()),
            Act::LoseAnswer => return Ok(true),
            Act::Others(objects) => {
                for (path, bytes) in objects {
                    self.inner.put(path, bytes.clone().into()).await?;
                }
            }
        }
        Ok(false)
    }
}

fn lost() -> Error {
    Error::Generic { store: "test", source: "the connection was cut".into() }
}

pub(super) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// Everything in a bucket.
pub(super) fn objects(bucket: &InMemory) -> BTreeMap<Path, Vec<u8>> {
    wait(async {
        let listed: Vec<ObjectMeta> = bucket.list(None).try_collect().await.expect("a list");
        let mut objects = BTreeMap::new();
        for meta in listed {
            let result = bucket.get(&meta.location).await.expect("it was listed");
            objects.insert(meta.location, result.bytes().await.expect("its bytes").to_vec());
        }
        objects
    })
}

impl fmt::Display for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

#[async_trait]
impl ObjectStore for Scripted {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let lose_answer = self.act().await?;
        let result = self.inner.put_opts(location, payload, options).await;
        if lose_answer { Err(lost()) } else { result }
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let lose_answer = self.act().await?;
        let result = self.inner.get_opts(location, options).await;
        if lose_answer { Err(lost()) } else { result }
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        unreachable!("publications are small")
    }

    fn delete_stream(
        &self,
        _: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        unreachable!("nothing is ever deleted")
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        unreachable!("nothing is ever copied")
    }
}
