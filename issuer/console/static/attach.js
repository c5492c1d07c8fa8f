// Documents: dropped or chosen, and looked at by their content before anything is sent. The server looks again.

const field = document.getElementById("documents");
const drop = document.getElementById("drop");
const chosen = document.getElementById("chosen");
const KINDS = [[0x25, 0x50, 0x44, 0x46, 0x2d], [0xff, 0xd8, 0xff], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]];
let shown = 0;

document.getElementById("drop-here").hidden = false;
field.addEventListener("change", look);
for (const event of ["dragover", "dragenter"]) {
  drop.addEventListener(event, (dragged) => {
    if (!dragged.dataTransfer.types.includes("Files")) return;
    dragged.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", ({ relatedTarget }) => {
  if (!drop.contains(relatedTarget)) drop.classList.remove("over");
});
drop.addEventListener("drop", (dropped) => {
  dropped.preventDefault();
  drop.classList.remove("over");
  const all = new DataTransfer();
  for (const file of [...field.files, ...dropped.dataTransfer.files]) all.items.add(file);
  field.files = all.files;
  look();
});

async function look() {
  const mine = ++shown;
  const files = [...field.files];
  const faults = await Promise.all(files.map(fault));
  if (mine !== shown) return;
  const { most, many, good } = field.dataset;
  chosen.replaceChildren(...files.map((file, i) => {
    const line = document.createElement("li");
    const said = document.createElement("span");
    said.textContent = faults[i] ?? good;
    said.className = faults[i] ? "fault" : "soft";
    line.append(`${file.name} `, said);
    return line;
  }));
  const first = files.length > Number(most) ? many : faults.find(Boolean);
  // The browser says it too, and does not send the form.
  field.setCustomValidity(first ?? "");
  if (first) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** What is wrong with a file, if anything: never its name. */
async function fault(file) {
  const { bytes, kind, large } = field.dataset;
  if (file.size > Number(bytes)) return large;
  const begin = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  return KINDS.some((known) => known.every((byte, i) => begin[i] === byte)) ? undefined : kind;
}
