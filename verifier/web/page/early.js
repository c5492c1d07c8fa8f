// The link's certificate leaves the address bar and the history before anything else happens: this is a classic script in the head, so no
// module has to be fetched first. What stands after the `#` was never sent to a server, and from here on it is in memory only.
(() => {
  const take = () => {
    if (location.hash.length < 2) return;
    globalThis.vernetLink = location.href;
    history.replaceState(null, "", location.pathname);
    dispatchEvent(new Event("vernet-link"));
  };
  take();
  addEventListener("hashchange", take);
})();
