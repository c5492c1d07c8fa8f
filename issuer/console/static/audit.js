// Shows how far an audit has come, and its result when it is there.

if (document.getElementById("running")) {
  const events = new EventSource("/audit/events");
  events.addEventListener("progress", ({ data }) => {
    const [checked, of] = data.split(" ").map(Number);
    document.getElementById("checked").textContent = checked;
    document.getElementById("of").textContent = of;
    Object.assign(document.getElementById("progress"), { max: of, value: checked });
  });
  events.addEventListener("done", () => {
    events.close();
    location.reload();
  });
}
