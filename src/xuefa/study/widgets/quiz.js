// 测验: what the learner has picked lives here until it is handed in; everything else comes with the view.

const LOST_ASK = "没有收到回应，请再点一次；仍不行，请刷新页面。";
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

  const reviewing = model.get("view").mode === "review";
  const frame = mount({ model, el, label: reviewing ? "回头看" : "小测验", draw });

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
    if (!view.learner && view.mode === "review") return [make("p", { class: "xuefa-hint" }, "签到以后，这里出现今天要回头看的题。")];
    const title = reviewing ? make("p", { class: "xuefa-title" }, "回头看") : null;
    return [title, ...drawStage(view).flat(), view.sheet && view.learner ? sheetLine() : null];
  }

  function drawStage(view) {
    if (view.stage === "empty") return [make("p", {}, view.mode === "review" ? "今天没有要回头看的题。" : "这一课的法律还没有题。")];
    if (view.stage === "summary") return drawSummary(view);
    return view.stage === "feedback" ? drawFeedback(view) : [drawQuestion(view)];
  }

  function sheetLine() {
    const ask = () => line.ask("sheet").then((heard) => frame.say(heard ? "题单已经交给浏览器下载。" : LOST_ASK));
    return make(
      "p",
      { class: "xuefa-actions xuefa-take-along" },
      make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: ask }, "下载题单，不上网也能复习"),
    );
  }

  /** 练习 or 自测, as long as nothing of the round is answered. */
  function modeChoice(view) {
    if (view.modes.length < 2 || view.begun || !view.learner) return null;
    const says = { practice: "练习：每题答完就讲解", self_test: "自测：全部答完再讲解" };
    return make(
      "div",
      { class: "xuefa-modes", role: "group", "aria-label": "怎样做这一轮" },
      view.modes.map(([mode]) =>
        make(
          "button",
          {
            type: "button",
            class: "xuefa-button xuefa-quiet",
            "aria-pressed": `${mode === view.mode}`,
            disabled: sending,
            onclick: () => mode !== view.mode && ask("mode", { mode }, "[aria-pressed=true]"),
          },
          says[mode],
        ),
      ),
    );
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
    const choices = make(
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
    );
    return make(
      "form",
      { onsubmit: (event) => (event.preventDefault(), submit(view)) },
      modeChoice(view),
      view.resumed && view.resumed === view.number - 1
        ? make("p", { class: "xuefa-note" }, `这一轮已经答了 ${view.resumed} 题，接着做。`)
        : null,
      heading(view),
      beside(view, choices),
      problemBox(view.problem || (lost ? LOST : "")),
      view.learner ? null : make("p", { class: "xuefa-hint" }, "请先在上面签到，再提交答案。"),
      make(
        "p",
        { class: "xuefa-actions" },
        button,
        view.saved_at ? make("span", { class: "xuefa-saved" }, `第 ${view.number - 1} 题已保存 ${view.saved_at}`) : null,
      ),
    );
  }

  function drawFeedback(view) {
    const { feedback, question } = view;
    const last = view.number === view.total;
    const options = question.options.map(([letter, text]) => {
      const isKey = feedback.key.includes(letter);
      const isMine = feedback.response.includes(letter);
      const marks = [isKey ? "正确答案" : null, isMine ? "您选的" : null].filter(Boolean).join("，");
      return make(
        "li",
        { class: `xuefa-option${isKey ? " xuefa-key" : isMine ? " xuefa-miss" : ""}` },
        optionText(view, letter, text),
        marks ? make("span", { class: "xuefa-mark" }, marks) : null,
      );
    });
    const verdict = make(
      "div",
      { class: feedback.right ? "xuefa-verdict xuefa-right" : "xuefa-verdict xuefa-wrong" },
      make("p", { class: "xuefa-verdict-line", tabindex: "-1" }, feedback.right ? "✓ 对" : "✗ 错"),
      reasons(feedback),
    );
    return [
      heading(view),
      beside(
        view,
        make("p", { class: "xuefa-stem" }, question.stem),
        make("ul", { class: "xuefa-options" }, options),
        verdict,
      ),
      problemBox(view.problem || (lost ? LOST_ASK : "")),
      make(
        "p",
        { class: "xuefa-actions" },
        make("button", { type: "button", class: "xuefa-button", disabled: sending, onclick: next }, last ? "看结果" : "下一题"),
        make("span", { class: "xuefa-saved" }, `已保存 ${feedback.saved_at}`),
      ),
    ];
  }

  function drawSummary(view) {
    const { overall, parts, answers } = view.summary;
    return [
      make("p", { class: "xuefa-stem", tabindex: "-1" }, `这一轮共 ${overall.total} 题，答对 ${overall.right} 题。`),
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ["类别", "答对", "共"].map((text) => make("th", { scope: "col" }, text)))),
        parts.map((part) =>
          make(
            "tbody",
            {},
            make("tr", { class: "xuefa-part" }, make("th", { scope: "rowgroup", colspan: 3 }, part.name)),
            part.rows.map((row) =>
              make("tr", {}, make("th", { scope: "row" }, row.name), make("td", {}, `${row.right}`), make("td", {}, `${row.total}`)),
            ),
          ),
        ),
      ),
      make("p", { class: "xuefa-label" }, "逐题回看"),
      answers.map((answer, index) =>
        make(
          "details",
          { class: `xuefa-article ${answer.right ? "xuefa-right" : "xuefa-wrong"}` },
          make("summary", {}, make("strong", {}, answer.right ? "✓ 对" : "✗ 错"), `　${index + 1}．${answer.stem}`),
          answer.story ? make("blockquote", {}, make("p", {}, answer.story)) : null,
          make("p", {}, `您的答案：${answer.response_text}`),
          make("p", {}, `正确答案：${answer.key_text}`),
          reasons(answer),
        ),
      ),
      problemBox(view.problem || (lost ? LOST_ASK : "")),
      make(
        "p",
        { class: "xuefa-actions" },
        make("button", { type: "button", class: "xuefa-button", disabled: sending, onclick: again }, reviewing ? "接着做" : "再做一轮"),
        make("span", { class: "xuefa-saved" }, "全部已保存"),
      ),
    ];
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
    );
  }

  /** A question with its story: beside it where there is room, above it and kept in view on a phone. */
  function beside(view, ...parts) {
    const { story } = view.question;
    if (!story) return parts;
    const told = make("div", { class: "xuefa-story", role: "region", "aria-label": "案情", tabindex: "0" });
    told.append(make("p", { class: "xuefa-label" }, "案情"), make("p", {}, story));
    return make("div", { class: "xuefa-beside" }, told, make("div", {}, parts));
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
    const before = drawn;
    await ask("answer", fields, view.mode === "self_test" ? "legend, .xuefa-stem" : ".xuefa-verdict-line");
    const now = model.get("view");
    if (now.stage === "feedback") frame.say(`${now.feedback.right ? "对" : "错"}。已保存。`);
    else frame.say(drawn === before ? "没有保存。" : "已保存。");
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
    if (drawn !== before || request === "mode") frame.body.querySelector(focus)?.focus();
  }

  return () => {
    clearInterval(clock);
    sight.disconnect();
    line.close();
    frame.close();
  };
}

export default { render };
