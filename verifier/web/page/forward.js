// Old scanners ask for `…/v%23digits` where the code says `…/v#digits`, so the web server shows its page for what is not found, which runs this. The
// digits go back behind the `#`, in this browser; the address that was asked for does not stay in the tab's history.
(() => {
  const link = /^((?:\/[\w.-]+)*\/v)\/?%(?:25)*23([0-9]+)$/.exec(location.pathname);
  if (link) location.replace(`${link[1]}/#${link[2]}`);
})();
