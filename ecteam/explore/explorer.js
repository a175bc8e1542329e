(() => {
  // The handle of a slider has no name of its own, a logarithmic one says its exponent, an image has no text.
  const name = slider => {
    const label = slider.querySelector("label"), handle = slider.querySelector("[role=slider]");
    const readout = slider.querySelector(".widget-readout");
    if (!label || !handle || !readout || handle.dataset.named) return;
    handle.dataset.named = "yes";
    handle.setAttribute("aria-label", label.textContent);
    if (label.title) handle.setAttribute("aria-description", label.title);
    readout.setAttribute("role", "textbox");
    readout.setAttribute("aria-label", label.textContent);
    const say = () => {
      if (handle.getAttribute("aria-valuetext") !== readout.textContent)
        handle.setAttribute("aria-valuetext", readout.textContent);
    };
    new MutationObserver(say).observe(readout, { childList: true, characterData: true, subtree: true });
    new MutationObserver(say).observe(handle, { attributeFilter: ["aria-valuetext"] });
    say();
  };
  // A slider reads a figure as JavaScript does: "2,400" as 2, and "5%" as 5; and it reads one on Enter only.
  const plain = event => {
    const at = event.target;
    if (!at.classList?.contains("widget-readout")) return;
    if (event.type === "focusout")
      at.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 13, bubbles: true, cancelable: true }));
    if (event.key !== "Enter") return;
    const typed = parseFloat(at.textContent.replace(/[,，\s]/g, ""));
    if (!isNaN(typed)) at.textContent = at.closest(".ecteam-percent") ? typed / 100 : typed;
  };
  // In its command mode JupyterLab takes arrow keys away from lists, and two d on a list delete the cell.
  const free = held => held.setAttribute("data-lm-suppress-shortcuts", "true");
  // The count of files of an upload button is 0 again when they have been read.
  const count = button => button.childNodes.forEach(part => {
    if (part.nodeType === 3) part.data = part.data.replace(/ \(\d+\)$/, "");
  });
  const all = root => {
    root.querySelectorAll(".widget-upload").forEach(count);
    root.querySelectorAll(".widget-slider").forEach(name);
    root.querySelectorAll("select, button, input, [tabindex]").forEach(free);
    root.querySelectorAll("img[title]").forEach(img => { img.alt = img.title; });
  };
  const watch = () => document.querySelectorAll(".ecteam-explorer:not([data-named])").forEach(root => {
    root.dataset.named = "yes";
    ["focusout", "keydown"].forEach(type => root.addEventListener(type, plain, true));
    new MutationObserver(() => all(root)).observe(root, { childList: true, subtree: true, attributeFilter: ["title"] });
    all(root);
  });
  watch();
  new MutationObserver((_, me) => { if (document.querySelector(".ecteam-explorer:not([data-named])")) watch(); })
    .observe(document.body, { childList: true, subtree: true });
})();
