// page.js — the switch between light and dark, and figures that survive printing.
"use strict";

(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const THEMES = {auto: ["Auto", "as the system has them"], light: ["Light", "light"],
    dark: ["Dark", "dark"]};
  const figures = [...document.querySelectorAll("figure")].filter((one) => one.querySelector("script"));
  /** A dashboard has its own way. */
  const drawAll = (paper) => globalThis.redrawPage ? globalThis.redrawPage()
    : figures.forEach((figure) => charts.draw(figure, paper === true));

  function show(theme) {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = THEMES[theme][0];
    button.setAttribute("aria-label", "Colours: " + THEMES[theme][1]);
    drawAll();
  }

  /** A page that was opened from a file may have no storage. */
  const kept = {
    get: () => { try { return localStorage.getItem("gpubench-theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("gpubench-theme", theme); } catch { /* none */ } },
  };

  let theme = kept.get() in THEMES ? kept.get() : "auto";
  button.addEventListener("click", () => {
    const names = Object.keys(THEMES);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    kept.set(theme);
    show(theme);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());

  // Paper is white, whatever the screen is.
  addEventListener("beforeprint", () => { root.dataset.theme = "light"; drawAll(true); });
  addEventListener("afterprint", () => show(theme));

  // Long names break behind their slashes and underscores, and still are one word to whoever copies them.
  for (const cell of document.querySelectorAll("th.code, td.code, .note")) {
    const name = cell.firstChild;
    if (name?.nodeType !== Node.TEXT_NODE || !/[/_]/.test(name.data)) continue;
    const parts = name.data.split(/(?<=[/_])/);
    name.replaceWith(...parts.flatMap((part, i) => i ? [document.createElement("wbr"), part] : [part]));
  }

  if (matchMedia("(max-width: 62rem)").matches && document.querySelector("nav details"))
    document.querySelector("nav details").open = false;
  show(theme);
})();
