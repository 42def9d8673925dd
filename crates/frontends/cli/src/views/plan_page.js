// Filters the lines of the plan page by text and kind, and says how many are shown.
for (const box of document.querySelectorAll(".filter")) {
  const rows = [...document.querySelectorAll("#" + box.dataset.of + " tbody tr")];
  const [text, kind, told] = [box.querySelector("input[type=search]"), box.querySelector("select"), box.querySelector("output")];
  const own = box.querySelector("input[type=checkbox]");
  const show = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits = (!own || own.checked || !("own" in row.dataset)) && (!kind.value || row.dataset.kind === kind.value) && words.every(word => row.textContent.toLowerCase().includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    told.textContent = shown + " of " + rows.length;
  };
  text.addEventListener("input", show);
  kind.addEventListener("change", show);
  own?.addEventListener("change", show);
  show();
}
