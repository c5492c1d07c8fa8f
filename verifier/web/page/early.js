// The link's certificate leaves the address bar and the tab's history before anything else happens: this is a classic script in the head, so no
// module has to be fetched first. What stands after the `#` was never sent to a server, and from here on the page has it in memory only. The
// browser's own list of visited pages has the link already, and no page can take it out: SECURITY.md, Privacy.
(() => {
  const take = () => {
    if (location.hash.length < 2) return;
    globalThis.vernetLink = location.href;
    history.replaceState(null, "", location.pathname + (/[?&]kiosk(=|&|$)/.test(location.search) ? "?kiosk" : ""));
    dispatchEvent(new Event("vernet-link"));
  };
  take();
  addEventListener("hashchange", take);
})();
