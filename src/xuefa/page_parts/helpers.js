// Helpers of every widget's page; Python puts them before the widget's own files (`read_script`).

const TAKES_KEYS = new Set(["button", "input", "select", "summary", "textarea"]);

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

/** Hand a file that came from the kernel to the browser as a download: no file of the server is ever served. */
function saveFile(name, base64) {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// Longer than a kernel waits for a busy database or for another page's answers, so that its own words arrive first.
const REPLY_MILLISECONDS = 12000;

/** Requests to the kernel: `ask` resolves to the kernel's reply, to null if none comes. */
function openLine(model) {
  const waiting = new Map();
  const hear = (reply) => {
    if (reply.file) saveFile(reply.file, reply.base64);
    waiting.get(reply.done)?.(reply);
    waiting.delete(reply.done);
  };
  model.on("msg:custom", hear);
  return {
    ask(name, fields = {}) {
      const id = makeId();
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        setTimeout(() => waiting.delete(id) && resolve(null), REPLY_MILLISECONDS);
        try {
          model.send({ ...fields, id, do: name });
        } catch {
          waiting.delete(id);
          resolve(null);
        }
      });
    },
    close: () => model.off("msg:custom", hear),
  };
}

/** What this browser remembers in `findStorage()`; where it may not remember anything, nothing breaks. */
function openMemory(findStorage) {
  return {
    read(key) {
      try {
        return findStorage().getItem(key) ?? "";
      } catch {
        return "";
      }
    },
    write(key, value) {
      try {
        if (value) findStorage().setItem(key, value);
        else findStorage().removeItem(key);
      } catch {
        // A private window: what is typed stays only in the page.
      }
    },
  };
}

function problemBox(text) {
  return text ? make("p", { class: "xuefa-problem", role: "alert" }, text) : null;
}
