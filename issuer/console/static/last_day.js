// Says the last day of what ends on the first day after it, while that is typed. The day is read by the code that reads the form.

import { day } from "./keys.js";

for (const field of document.querySelectorAll("[data-last]")) {
  const said = document.getElementById(`${field.id}-last`);
  const language = field.dataset.language === "en" ? "en-GB" : field.dataset.language;
  const days = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  const say = async () => {
    const typed = field.value.trim();
    const { last } = typed ? await day(typed).catch(() => ({})) : {};
    // What was typed since is said by its own turn.
    if (field.value.trim() !== typed) return;
    said.textContent = last ? `${field.dataset.last} ${days.format(new Date(`${last}T00:00:00Z`))}` : "";
  };
  field.addEventListener("input", say);
  say();
}
