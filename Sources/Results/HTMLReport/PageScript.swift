/// What scripts add where they run: columns by which a table can be sorted. Without them the page is whole.
enum PageScript {
  static let text = """
    for (const table of document.querySelectorAll("table")) {
      const body = table.tBodies[0];
      if (body.rows.length < 3) continue;
      for (const head of table.querySelectorAll("th[data-c]")) {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => {
          const down = head.getAttribute("aria-sort") !== "descending";
          for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
          const key = (row) => {
            const cell = row.cells[head.dataset.c];
            const number = Number(cell.dataset.v ?? (cell.textContent.trim() || NaN));
            return Number.isNaN(number) ? cell.textContent : number;
          };
          const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
          const rows = [...body.rows].sort((a, b) => (down ? -1 : 1) * order(key(a), key(b)));
          body.append(...rows);
        });
      }
    }
    const show = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
    addEventListener("hashchange", show);
    show();

    """
}
