"use strict";
// Figures arrive as data; a name in them is text to plotly and never markup.
const figures = JSON.parse(document.getElementById("figures").textContent);
const drawn = [];

function draw(place) {
  const figure = figures[place.id];
  if (!figure || drawn.includes(place)) return;
  place.replaceChildren();
  const ink = getComputedStyle(document.body).color;
  for (const axis of ["xaxis", "yaxis"]) figure.layout[axis].tickfont = { color: ink };
  Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displayModeBar: false });
  drawn.push(place);
}
for (const id of Object.keys(figures)) draw(document.getElementById(id));

// Paper has another width than the window, and plotly does not notice.
addEventListener("beforeprint", () => {
  for (const place of drawn) Plotly.relayout(place, { width: place.clientWidth });
});
addEventListener("afterprint", () => {
  for (const place of drawn) Plotly.relayout(place, { width: null, autosize: true });
});

// Wrong answers: each select narrows the list.
const selects = [...document.querySelectorAll("select[data-filter]")];
const answers = [...document.querySelectorAll("#answers article")];

function fits(article, select) {
  if (!select.value) return true;
  if (select.dataset.filter !== "field") return article.dataset[select.dataset.filter] === select.value;
  return JSON.parse(article.dataset.fields).includes(select.value);
}

function filter() {
  let shown = 0;
  for (const article of answers) {
    article.hidden = !selects.every((select) => fits(article, select));
    shown += article.hidden ? 0 : 1;
  }
  document.getElementById("shown").textContent = String(shown);
  document.getElementById("nothing").hidden = shown > 0;
}
for (const select of selects) select.addEventListener("change", filter);

// A failed gate leads to its own wrong answers.
for (const link of document.querySelectorAll("a[data-filter-condition]")) {
  link.addEventListener("click", () => {
    for (const select of selects) {
      const wanted = link.dataset["filter" + select.dataset.filter.replace(/^./, (c) => c.toUpperCase())];
      const known = [...select.options].some((option) => option.value === wanted);
      select.value = wanted && known ? wanted : "";
    }
    filter();
  });
}

// The numbers of a chart as CSV. A cell that begins like a formula gets a quote before it.
function cell(text) {
  const plain = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? "'" + text : text;
  return '"' + plain.replaceAll('"', '""') + '"';
}
for (const table of document.querySelectorAll("table[data-csv]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "csv";
  button.textContent = "CSV";
  button.setAttribute("aria-label", "Save as CSV: " + table.dataset.csv);
  button.addEventListener("click", () => {
    const rows = [...table.rows].map((row) => [...row.cells].map((one) => cell(one.textContent.trim())).join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([rows.join("\r\n")], { type: "text/csv" }));
    link.download = table.dataset.csv.replace(/[^\w.-]+/g, "-") + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  table.closest(".scroll").after(button);
}
