"use strict";
// Figures arrive as data; a name in them is text to plotly and never markup.
const figures = JSON.parse(document.getElementById("figures").textContent);
const drawn = [];
for (const [id, figure] of Object.entries(figures)) {
  const place = document.getElementById(id);
  place.replaceChildren();
  Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displayModeBar: false });
  drawn.push(place);
}
// Paper has another width than the window, and plotly does not notice.
addEventListener("beforeprint", () => {
  for (const place of drawn) Plotly.relayout(place, { width: place.clientWidth });
});
addEventListener("afterprint", () => {
  for (const place of drawn) Plotly.relayout(place, { width: null, autosize: true });
});
