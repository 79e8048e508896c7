document.querySelectorAll("table.sorts thead th").forEach(function (head) {
  var button = document.createElement("button");
  button.type = "button";
  while (head.firstChild) { button.appendChild(head.firstChild); }
  head.appendChild(button);
  button.addEventListener("click", function () {
    var table = head.closest("table"), body = table.tBodies[0];
    var place = Array.prototype.indexOf.call(head.parentNode.children, head);
    var down = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("th[aria-sort]").forEach(function (one) {
      one.removeAttribute("aria-sort");
    });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var rows = Array.prototype.map.call(body.rows, function (row) {
      var cell = row.cells[place], order = cell.dataset.order;
      return { row: row, key: order === undefined ? cell.textContent.trim() : Number(order) };
    });
    rows.sort(function (a, b) {
      var compared = typeof a.key === "number" ? a.key - b.key : a.key.localeCompare(b.key);
      return down ? -compared : compared;
    });
    rows.forEach(function (one) { body.appendChild(one.row); });
  });
});
