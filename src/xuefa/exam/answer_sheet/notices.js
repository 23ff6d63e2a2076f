// What other pages of the same learner changed meanwhile.

/** One line for all of it, and this page's own words where they gave way to newer ones. */
function openNotices({ numberOf }) {
  const node = make("div", { role: "alert" });
  const changed = new Set();
  const kept = new Map();

  function draw() {
    const numbers = [...changed].map(numberOf).sort((one, other) => one - other);
    const words = [...kept].map(([id, text]) =>
      make(
        "details",
        {},
        make("summary", {}, `第 ${numberOf(id)} 题：本页没有存上的文字`),
        make("p", { class: "xs-mine" }, text),
      ),
    );
    const close = () => (changed.clear(), kept.clear(), draw());
    node.replaceChildren(
      ...(numbers.length
        ? [
            make(
              "div",
              { class: "xs-notice" },
              make("p", {}, `第 ${numbers.join("、")} 题在别的页面改过，已显示最新的答案。`),
              make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: close }, "知道了"),
              words,
            ),
          ]
        : []),
    );
  }

  return {
    node,
    add(id, words = "") {
      changed.add(id);
      if (words) kept.set(id, words);
      draw();
    },
  };
}
