// How far a learner is: which questions there are, which are answered, which are flagged; and the 答题卡 that shows it.

/** `responses` (by question id) and `flagged` (a set of ids) belong to the caller, who changes them. */
function openProgress({ paper, responses, flagged }) {
  const questions = paper.sections.flatMap((section) => section.questions);
  const byId = new Map(questions.map((question, index) => [question.id, { question, number: index + 1 }]));
  const isAnswered = (id) => Boolean((responses[id] ?? "").trim());
  const isFlagged = (id) => flagged.has(id);
  return {
    questions,
    find: (id) => byId.get(id)?.question,
    numberOf: (id) => byId.get(id).number,
    neighbour: (id, by) => questions[byId.get(id).number - 1 + by],
    isAnswered,
    isFlagged,
    unanswered: () => questions.filter(({ id }) => !isAnswered(id)),
    marked: () => questions.filter(({ id }) => isFlagged(id)),
    describe: (id) =>
      `第 ${byId.get(id).number} 题，${isAnswered(id) ? "已答" : "未答"}${isFlagged(id) ? "，已标记" : ""}`,
  };
}

/** A button with a question's number that leads to it. */
function drawNumber({ progress, id, onPick }) {
  const onclick = () => onPick(id);
  const attributes = { type: "button", class: "xs-number", "aria-label": progress.describe(id), onclick };
  return make("button", attributes, `${progress.numberOf(id)}`);
}

/** The 答题卡: closed where the page is narrow, so that the question stays in view; `fit` says whether it is. */
function drawNumberCard({ paper, progress, onPick, handInButton }) {
  const buttons = new Map();
  let isWide = false;
  const groups = paper.sections.map((section) => {
    for (const { id } of section.questions) buttons.set(id, drawNumber({ progress, id, onPick }));
    const numbers = section.questions.map(({ id }) => buttons.get(id));
    const title = make("p", { class: "xuefa-note" }, section.title);
    const group = { class: "xs-jumps", role: "group", "aria-label": section.title };
    return make("div", group, title, make("div", { class: "xs-numbers" }, numbers));
  });
  const card = make(
    "details",
    {},
    make("summary", {}, "答题卡"),
    make("p", { class: "xuefa-note" }, "深色已答，白色未答，橙角是标记的题。"),
    groups,
    make("p", { class: "xuefa-actions" }, handInButton),
  );
  return {
    node: make("nav", { class: "xs-side", "aria-label": "答题卡" }, card),
    fold: () => (card.open = isWide),
    fit(wide) {
      if (wide !== isWide) card.open = wide;
      isWide = wide;
    },
    show(current) {
      for (const [id, button] of buttons) {
        button.classList.toggle("xs-answered", progress.isAnswered(id));
        button.classList.toggle("xs-flagged", progress.isFlagged(id));
        button.setAttribute("aria-label", progress.describe(id));
        if (id === current) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
      }
    },
  };
}
