// 测验: what the learner has picked lives here until it is handed in; everything else comes with the view.

const LOST =
  "没有收到回应，这一题还没有确认保存。您选的答案还在，请点“重试”。多次不行，请刷新页面；显示过“已保存”的都已存好。";

function render({ model, el }) {
  const line = openLine(model);
  let picked = new Set();
  let drawn = "";
  let answerId = "";
  let sending = false;
  let lost = false;
  let seconds = 0;
  let inSight = false;
  const name = makeId();

  const clock = setInterval(() => {
    if (inSight && !document.hidden) seconds += 1;
  }, 1000);
  const sight = new IntersectionObserver((entries) => {
    inSight = entries.at(-1).isIntersecting;
  });
  sight.observe(el);

  const frame = mount({ model, el, label: "小测验", draw });

  function draw(view) {
    const key = `${view.round}.${view.number}.${view.stage}`;
    if (key !== drawn) {
      if (view.stage === "question") {
        picked = new Set();
        answerId = "";
        seconds = 0;
      }
      lost = false;
      drawn = key;
    }
    if (view.unsaved) {
      picked = new Set(view.unsaved.response);
      answerId = view.unsaved.answer;
    }
    if (view.stage === "empty") return [make("p", {}, "这一课的法律还没有题。")];
    if (view.stage === "summary") return drawSummary(view);
    return view.stage === "feedback" ? drawFeedback(view) : [drawQuestion(view)];
  }

  function drawQuestion(view) {
    const waiting = Boolean(view.unsaved) || lost;
    const button = make(
      "button",
      { type: "submit", class: "xuefa-button", disabled: sending || !view.learner || !picked.size },
      sending ? "正在保存…" : waiting ? "重试" : "提交",
    );
    const pick = (letter, input) => {
      if (!view.question.several) picked.clear();
      if (input.checked) picked.add(letter);
      else picked.delete(letter);
      button.disabled = sending || !view.learner || !picked.size;
    };
    return make(
      "form",
      { onsubmit: (event) => (event.preventDefault(), submit(view)) },
      heading(view),
      make(
        "fieldset",
        { disabled: sending || waiting },
        make("legend", { tabindex: "-1" }, view.question.stem, view.question.several ? "（可以选几个）" : null),
        view.question.options.map(([letter, text]) => {
          const input = make("input", {
            type: view.question.several ? "checkbox" : "radio",
            name,
            value: letter,
            checked: picked.has(letter),
            onchange: (event) => pick(letter, event.target),
          });
          return make("label", { class: "xuefa-option" }, input, optionText(view, letter, text));
        }),
      ),
      problemBox(view.problem || (lost ? LOST : "")),
      view.learner ? null : make("p", { class: "xuefa-hint" }, "请先在上面签到，再提交答案。"),
      make("p", { class: "xuefa-actions" }, button),
    );
  }

  function drawFeedback(view) {
    const { feedback, question } = view;
    const last = view.number === view.total;
    return [
      heading(view),
      make("p", { class: "xuefa-stem" }, question.stem),
      make(
        "ul",
        { class: "xuefa-options" },
        question.options.map(([letter, text]) => {
          const isKey = feedback.key.includes(letter);
          const isMine = feedback.response.includes(letter);
          const marks = [isKey ? "正确答案" : null, isMine ? "您选的" : null].filter(Boolean).join("，");
          return make(
            "li",
            { class: `xuefa-option${isKey ? " xuefa-key" : isMine ? " xuefa-miss" : ""}` },
            optionText(view, letter, text),
            marks ? make("span", { class: "xuefa-mark" }, marks) : null,
          );
        }),
      ),
      make(
        "div",
        { class: feedback.right ? "xuefa-verdict xuefa-right" : "xuefa-verdict xuefa-wrong" },
        make("p", { class: "xuefa-verdict-line", tabindex: "-1" }, feedback.right ? "✓ 对" : "✗ 错"),
        reasons(feedback),
      ),
      problemBox(view.problem || (lost ? "没有收到回应，请再点一次；仍不行，请刷新页面。" : "")),
      make(
        "p",
        { class: "xuefa-actions" },
        make("button", { type: "button", class: "xuefa-button", disabled: sending, onclick: next }, last ? "看结果" : "下一题"),
        make("span", { class: "xuefa-saved" }, `已保存 ${feedback.saved_at}`),
      ),
    ];
  }

  function drawSummary(view) {
    const { overall, by_kind: byKind, by_law: byLaw, wrong } = view.summary;
    return [
      make("p", { class: "xuefa-stem", tabindex: "-1" }, `这一轮共 ${overall.total} 题，答对 ${overall.right} 题。`),
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ["类别", "答对", "共"].map((text) => make("th", { scope: "col" }, text)))),
        make(
          "tbody",
          {},
          [...byKind, ...byLaw].map((row) =>
            make("tr", {}, make("th", { scope: "row" }, row.name), make("td", {}, `${row.right}`), make("td", {}, `${row.total}`)),
          ),
        ),
      ),
      make("p", { class: "xuefa-label" }, wrong.length ? `答错的 ${wrong.length} 题` : "没有答错的题。"),
      wrong.map((answer) =>
        make(
          "details",
          { class: "xuefa-article" },
          make("summary", {}, answer.stem),
          answer.story ? make("blockquote", {}, make("p", {}, answer.story)) : null,
          make("p", {}, `您的答案：${answer.response_text}`),
          make("p", {}, `正确答案：${answer.key_text}`),
          reasons(answer),
        ),
      ),
      problemBox(view.problem || (lost ? "没有收到回应，请再点一次；仍不行，请刷新页面。" : "")),
      make(
        "p",
        { class: "xuefa-actions" },
        make("button", { type: "button", class: "xuefa-button", disabled: sending, onclick: again }, "再做一轮"),
        make("span", { class: "xuefa-saved" }, "全部已保存"),
      ),
    ].flat();
  }

  function heading(view) {
    const { question } = view;
    return make(
      "div",
      {},
      make(
        "p",
        { class: "xuefa-progress" },
        make("strong", {}, `第 ${view.number} 题/共 ${view.total} 题`),
        make("span", { class: "xuefa-tag" }, question.kind),
        make("span", {}, question.law),
      ),
      make("progress", { value: view.number, max: view.total, "aria-hidden": "true" }),
      question.story
        ? make("div", { class: "xuefa-story" }, make("p", { class: "xuefa-label" }, "案情"), make("p", {}, question.story))
        : null,
    );
  }

  function optionText(view, letter, text) {
    return make("span", {}, view.question.lettered ? `${letter}．${text}` : text);
  }

  function reasons(answer) {
    return make("div", {}, make("p", {}, answer.explanation), articleList(answer.articles));
  }

  async function submit(view) {
    if (sending || !view.learner || !picked.size) return;
    answerId ||= makeId();
    const fields = { answer: answerId, question: view.number, response: [...picked], seconds };
    await ask("answer", fields, ".xuefa-verdict-line");
    const now = model.get("view");
    if (now.stage === "feedback") frame.say(`${now.feedback.right ? "对" : "错"}。已保存。`);
    else frame.say("没有保存。");
  }

  const next = () => ask("next", {}, "legend, .xuefa-stem").then(() => frame.say(""));
  const again = () => ask("again", {}, "legend");

  /** Ask, and when the view has moved on put the focus where reading goes on. */
  async function ask(request, fields, focus) {
    const before = drawn;
    sending = true;
    lost = false;
    frame.redraw();
    const heard = await line.ask(request, fields);
    sending = false;
    lost = !heard;
    frame.redraw();
    if (drawn !== before) frame.body.querySelector(focus)?.focus();
  }

  return () => {
    clearInterval(clock);
    sight.disconnect();
    line.close();
    frame.close();
  };
}

export default { render };
