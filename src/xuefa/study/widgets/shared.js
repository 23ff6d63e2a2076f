// Shared by the widgets of study; Python puts this before each widget's own module.

const memory = openMemory(() => localStorage);

/** Official articles, each to be opened in place. */
function articleList(articles) {
  return articles.map((article) =>
    make(
      "details",
      { class: "xuefa-article" },
      make("summary", {}, article.heading),
      article.text.trim() &&
        make(
          "blockquote",
          {},
          article.chapter ? make("p", { class: "xuefa-note" }, article.chapter) : null,
          article.text
            .split("\n")
            .filter((line) => line.trim())
            .map((line) => make("p", {}, line)),
        ),
      make("p", { class: "xuefa-note" }, article.note),
    ),
  );
}

/** The frame of a widget: its card, a status line that screen readers hear, and drawing on every new view. */
function mount({ model, el, label, draw }) {
  const status = make("p", { class: "xuefa-status", role: "status" });
  const body = make("div");
  el.append(make("section", { class: "xuefa xuefa-card", "aria-label": label }, body, status));
  const redraw = () => body.replaceChildren(...draw(model.get("view")).filter(Boolean));
  const say = (text) => {
    status.textContent = text;
  };
  model.on("change:view", redraw);
  redraw();
  return { body, redraw, say, close: () => model.off("change:view", redraw) };
}

