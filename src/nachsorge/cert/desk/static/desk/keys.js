// Keys for the queue: j and k go down and up, Enter opens, / goes to the search. Without scripts, Tab does the same.
"use strict";
document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey || at.closest("input, select, textarea")) return;
  if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) { search.focus(); event.preventDefault(); }
    return;
  }
  if (event.key !== "j" && event.key !== "k") return;
  const links = [...document.querySelectorAll(".queue tbody a.number")];
  const next = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
  if (links.length) links[Math.min(Math.max(next, 0), links.length - 1)].focus();
});
