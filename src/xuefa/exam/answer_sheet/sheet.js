// 答题卡: signing in, the paper, and what follows handing in; the kernel's `page` says which of them is shown.

function drawSignIn({ model, line, frame }) {
  const { title, duration_minutes: minutes, rules, candidates } = model.get("page");
  const select = make(
    "select",
    { id: frame.id("learner"), onchange: () => (button.disabled = !select.value) },
    make("option", { value: "" }, "请选择"),
    candidates.map(([id, name]) => make("option", { value: id }, id === name ? name : `${name}（${id}）`)),
  );
  const button = make("button", { type: "submit", class: "xuefa-button", disabled: true }, "开始答题");
  const problem = make("div");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    const reply = await line.ask("sign_in", { learner: select.value });
    if (reply?.ok) return;
    button.disabled = false;
    problem.replaceChildren(problemBox(reply ? reply.fault : "没有收到回应，请再点一次；仍不行，请刷新页面。"));
  };
  return make(
    "form",
    { class: "xs-sign-in", onsubmit: submit },
    make("h2", {}, title),
    make("p", {}, `答题时间 ${minutes} 分钟，从点“开始答题”算起，到时自动交卷。答案随时自动保存。`),
    rules.map((rule) => make("p", {}, rule)),
    make("label", { for: select.id }, "选自己的名字"),
    select,
    problem,
    make("p", {}, button),
  );
}

const STAGES = { sign_in: drawSignIn, exam: drawExam, handed_in: drawHandedIn };

function render({ model, el }) {
  const line = openLine(model);
  const prefix = makeId();
  let closing = [];
  const card = make("section", { class: "xuefa-sheet", "aria-label": "考试" });
  const frame = {
    id: (name) => `${prefix}-${name}`,
    onClose: (action) => closing.push(action),
    unsavedNumbers: [],
  };

  function close() {
    for (const action of closing) action();
    closing = [];
  }

  function redraw() {
    const before = card.hasChildNodes();
    close();
    card.replaceChildren(STAGES[model.get("page").stage]({ model, line, frame }));
    if (!before) return;
    card.scrollIntoView({ block: "start" });
    const target = card.querySelector("h2");
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  }

  el.append(card);
  model.on("change:page", redraw);
  redraw();
  return () => {
    close();
    line.close();
    model.off("change:page", redraw);
  };
}

export default { render };
