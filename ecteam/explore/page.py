"""The words, the look and the script around an explorer's widgets: what a browser needs that no widget gives."""

from collections.abc import Sequence
from html import escape

from ecteam.inputs.words import CARDS, phrase, text


def alert(mistakes: Sequence[str]) -> str:
    """Sentences about what was set wrong, which a screen reader says at once."""
    return "".join(f"<p role='alert' class='ecteam-alert'>{escape(phrase(sentence))}</p>" for sentence in mistakes)


def busy(seconds: float) -> str:
    """A bar that fills in the time that the work took before."""
    said = text("explore.busy", seconds=f"{seconds:.0f}")
    return (
        f"<div role='progressbar' aria-label='{said}' class='ecteam-busy'><span>{said}</span>"
        f"<div style='animation-duration: {seconds:.1f}s'></div></div>"
    )


PAGE = (
    f"<style>{CARDS}"
    + """table.ecteam { border-collapse: collapse; font-size: .85rem; }
table.ecteam th, table.ecteam td { border-bottom: 1px solid #d9dee3; padding: .15rem .5rem; line-height: 1.3; }
.ecteam-explorer .figures { gap: .3rem; }
.ecteam-explorer .figure { flex: 1 1 6.5em; padding: .2rem .4rem; }
.ecteam-explorer .figure span { font-size: .72rem; line-height: 1.2; display: block; }
.ecteam-explorer .question { margin: 0 0 .2rem; }
.ecteam-explorer .lm-TabBar-content { flex-wrap: wrap; }
.ecteam-explorer .widget-tab > .lm-TabBar .lm-TabBar-tab { flex: 0 0 auto; min-width: 0; max-width: none; }
.ecteam-explorer .lm-TabBar-tabLabel { overflow: visible; }
.ecteam-explorer .widget-html { overflow: auto hidden; }
.ecteam-explorer table.ecteam { font-size: .8rem; }
.ecteam-explorer table.ecteam th, .ecteam-explorer table.ecteam td { padding: .15rem .35rem; }
.ecteam-explorer .widget-label { white-space: normal; overflow: visible; line-height: 1.15; height: auto; }
.ecteam-explorer .widget-inline-hbox { align-items: center; }
.ecteam-explorer .widget-inline-hbox.widget-html { align-items: normal; }
.ecteam-explorer .widget-html-content { line-height: 1.4; overflow-wrap: break-word; }
.ecteam-explorer .widget-image { margin: 0; }
.ecteam-explorer .widget-readout { min-width: 4.2em; max-width: 5em; }
.ecteam-alert { background: #fdecea; color: #7a1212; border-left: 4px solid #b3261e; }
.ecteam-alert { padding: .3rem .6rem; margin: .3rem 0; }
.ecteam-later { min-height: 2.6em; margin: .3rem 0; }
.ecteam-who, .ecteam-start { margin: .3rem 0; }
.ecteam-checked { border-left: 4px solid #0072b2; padding: .1rem .6rem; margin: .3rem 0; }
.ecteam-preview { overflow-x: auto; white-space: nowrap; max-width: 27em; }
.ecteam-two table.ecteam { font-size: .75rem; }
.ecteam-two table.ecteam th, .ecteam-two table.ecteam td { padding: .15rem .2rem; }
.ecteam-side { font-weight: 700; font-size: 1rem; margin: .3rem 0; }
.ecteam-button { display: inline-block; padding: 0 .8em; line-height: 28px; text-decoration: none;
  background: var(--jp-layout-color2, #eee); color: var(--jp-ui-font-color1, #212121); }
.ecteam-button:focus-visible, .ecteam-explorer [role=slider]:focus-visible { outline: 2px solid #0072b2; }
.ecteam-code { white-space: pre-wrap; border: 1px solid #d9dee3; padding: .5rem; margin: .2rem 0; font-size: .85rem; }
.ecteam-busy { position: relative; border: 1px solid #0072b2; height: 1.5rem; line-height: 1.5rem; }
.ecteam-busy span { position: absolute; left: .5rem; font-size: .8rem; }
.ecteam-busy div { height: 100%; background: #9ecae9; animation: ecteam-fill linear forwards; }
@keyframes ecteam-fill { from { width: 0 } to { width: 100% } }
</style>"""
)
"""The look of what explorers show, and of the tables in them."""

SCRIPT = """<script>
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
    const typed = parseFloat(at.textContent.replace(/[,，\\s]/g, ""));
    if (!isNaN(typed)) at.textContent = at.closest(".ecteam-percent") ? typed / 100 : typed;
  };
  // In its command mode JupyterLab takes arrow keys away from lists, and two d on a list delete the cell.
  const free = held => held.setAttribute("data-lm-suppress-shortcuts", "true");
  // The count of files of an upload button is 0 again when they have been read.
  const count = button => button.childNodes.forEach(part => {
    if (part.nodeType === 3) part.data = part.data.replace(/ \\(\\d+\\)$/, "");
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
</script>"""
"""Gives the sliders of every explorer their names for screen readers, and each control its keys: widgets do not."""
