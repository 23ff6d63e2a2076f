// Shared by the widgets of study; Python puts this before each widget's own module.

const TAKES_KEYS = new Set(["button", "input", "summary", "textarea"]);

/** An element with attributes, listeners (`onclick` …) and children; text is only ever text, never HTML. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  // JupyterLab takes keys such as Enter and the arrows as commands unless what has the focus says not to.
  if (TAKES_KEYS.has(tag) || "tabindex" in attributes) node.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== false && child !== undefined));
  return node;
}

/** A name that no other request or answer has; `crypto.randomUUID` is missing on plain http in a study room. */
function makeId() {
  const random = () => Math.random().toString(36).slice(2, 12);
  return `${Date.now().toString(36)}-${random()}${random()}`;
}

/** Hand bytes that came from the kernel to the browser as a download: no file of the server is ever served. */
function saveFile(name, bytes) {
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// Longer than the records wait for a busy database, so that their own words arrive first.
const REPLY_MILLISECONDS = 12000;

/** Requests to the kernel: `ask` resolves to true once the kernel has answered, to false if it does not. */
function openLine(model) {
  const waiting = new Map();
  const hear = (content, buffers) => {
    if (content.file) saveFile(content.file, buffers[0]);
    waiting.get(content.done)?.(true);
    waiting.delete(content.done);
  };
  model.on("msg:custom", hear);
  return {
    ask(name, fields = {}) {
      const id = makeId();
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        setTimeout(() => waiting.delete(id) && resolve(false), REPLY_MILLISECONDS);
        try {
          model.send({ ...fields, id, do: name });
        } catch {
          waiting.delete(id);
          resolve(false);
        }
      });
    },
    close: () => model.off("msg:custom", hear),
  };
}

/** What this browser remembers; where it may not remember anything, nothing breaks. */
const memory = {
  read(key) {
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      return "";
    }
  },
  write(key, value) {
    try {
      if (value) localStorage.setItem(key, value);
      else localStorage.removeItem(key);
    } catch {
      // A private window: what is typed stays only in the page.
    }
  },
};

function problemBox(text) {
  return text ? make("p", { class: "xuefa-problem", role: "alert" }, text) : null;
}

/** Official articles, each to be opened in place. */
function articleList(articles) {
  return articles.map((article) =>
    make(
      "details",
      { class: "xuefa-article" },
      make("summary", {}, article.heading),
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

