// 答题卡: a whole paper as real HTML controls. Every change goes to the kernel; 已保存 shows only after its reply.

const REPLY_MILLISECONDS = 8000;
const TYPING_MILLISECONDS = 800;
const KINDS = { single: "单选", multiple: "多选", judge: "判断", essay: "论述" };

/** An element with attributes, listeners (`onclick` …) and children; text is only ever text, never HTML. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(2).filter((child) => child != null && child !== false));
  return node;
}

/** `crypto.randomUUID` is missing on plain http in a study room. */
function makeId() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`;
}

/** Requests to the kernel: `ask` resolves to its reply, or to null when none comes. */
function openLine(model) {
  const waiting = new Map();
  const hear = (reply) => {
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

/** Answers on their way to the disk: one request at a time, the newest answer of each question, again until it is there. */
function openSaving({ line, onState }) {
  const unsaved = new Map();
  let sending = false;
  let again = 0;

  async function flush() {
    if (sending || !unsaved.size) return;
    sending = true;
    const batch = new Map(unsaved);
    onState({ kind: "saving" });
    const reply = await line.ask("save", { responses: Object.fromEntries(batch) });
    sending = false;
    if (reply?.ok) {
      for (const [id, response] of batch) if (unsaved.get(id) === response) unsaved.delete(id);
      if (unsaved.size) return flush();
      return onState({ kind: "saved", at: reply.saved_at, secondsLeft: reply.seconds_left });
    }
    const fault = reply ? reply.fault : "没有收到回应，还没有保存，正在重试。请不要关闭页面。";
    onState({ kind: "failed", fault });
    if (!reply) again = setTimeout(flush, 1000);
  }

  return {
    put(id, response) {
      unsaved.set(id, response);
      onState({ kind: "waiting" });
    },
    flush,
    async settle() {
      await flush();
      while (sending) await new Promise((resolve) => setTimeout(resolve, 50));
      return unsaved.size === 0;
    },
    isClean: () => !unsaved.size,
    close: () => clearTimeout(again),
  };
}

function questionsOf(paper) {
  return paper.sections.flatMap((section) => section.questions);
}

function formatTime(seconds) {
  const left = Math.abs(seconds);
  const parts = [Math.floor(left / 3600), Math.floor((left % 3600) / 60), left % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function formatPoints(points) {
  return String(Math.round(points * 100) / 100);
}

/** Text pasted from elsewhere may hold invisible control characters, which the kernel refuses. */
function withoutControls(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f]/g, "");
}

function problemBox(text) {
  return text ? make("p", { class: "xs-problem", role: "alert" }, text) : null;
}

/* Sign in. */

function drawSignIn({ model, line, frame }) {
  const { title, duration_minutes: minutes, candidates } = model.get("page");
  const select = make(
    "select",
    { id: frame.id("learner"), onchange: () => (button.disabled = !select.value) },
    make("option", { value: "" }, "请选择"),
    candidates.map(([id, name]) => make("option", { value: id }, id === name ? name : `${name}（${id}）`)),
  );
  const button = make("button", { type: "submit", class: "xs-button", disabled: true }, "开始答题");
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
    make("p", {}, `答题时间 ${minutes} 分钟，从点“开始答题”算起。答案随时自动保存。`),
    make("label", { for: select.id }, "选自己的名字"),
    select,
    problem,
    make("p", {}, button),
  );
}

/* The paper. */

function drawExam({ model, line, frame }) {
  const paper = model.get("paper");
  const questions = questionsOf(paper);
  const responses = { ...model.get("responses") };
  const numbers = new Map(questions.map((question, index) => [question.id, index + 1]));
  const jumps = new Map();
  const fields = new Map();
  const isAnswered = (id) => Boolean((responses[id] ?? "").trim());

  const state = make("p", { class: "xs-state", role: "status" }, "答案随时自动保存");
  const count = make("span", { class: "xs-count" });
  const clock = make("span", { class: "xs-clock", role: "timer", "aria-label": "剩余时间" });
  const saving = openSaving({ line, onState: showState });
  let endsAt = null;
  let typing = 0;

  function showState({ kind, at, fault, secondsLeft }) {
    state.className = `xs-state xs-${kind}`;
    state.textContent = { waiting: "正在保存…", saving: "正在保存…", saved: `已保存 ${at}`, failed: fault }[kind];
    if (secondsLeft !== undefined) setClock(secondsLeft);
  }

  function setClock(seconds) {
    endsAt = Date.now() + seconds * 1000;
    tick();
  }

  function tick() {
    if (endsAt === null) return;
    const seconds = Math.round((endsAt - Date.now()) / 1000);
    clock.textContent = seconds >= 0 ? `剩余 ${formatTime(seconds)}` : `已超时 ${formatTime(seconds)}，请交卷`;
    clock.classList.toggle("xs-late", seconds < 60);
  }

  function answer(id, response, { typed = false } = {}) {
    responses[id] = response;
    showAnswered();
    saving.put(id, response);
    clearTimeout(typing);
    if (typed) typing = setTimeout(saving.flush, TYPING_MILLISECONDS);
    else saving.flush();
  }

  function showAnswered() {
    const answered = questions.filter((question) => isAnswered(question.id)).length;
    count.textContent = `已答 ${answered}／${questions.length} 题`;
    for (const [id, button] of jumps) {
      button.classList.toggle("xs-answered", isAnswered(id));
      button.setAttribute("aria-label", `第 ${numbers.get(id)} 题，${isAnswered(id) ? "已答" : "未答"}`);
    }
  }

  function goTo(id) {
    const field = fields.get(id);
    field.scrollIntoView({ block: "start" });
    field.querySelector("input:checked, input, textarea").focus({ preventScroll: true });
  }

  function drawOptions(question) {
    const single = question.kind !== "multiple";
    const chosen = responses[question.id] ?? "";
    const inputs = question.options.map(([letter, text]) => {
      const input = make("input", {
        type: single ? "radio" : "checkbox",
        name: frame.id(question.id),
        value: letter,
        checked: chosen.includes(letter),
        onchange: () =>
          answer(question.id, inputs.map((label) => label.firstChild).filter((one) => one.checked).map((one) => one.value).join("")),
      });
      const mark = question.kind === "judge" ? null : make("span", { class: "xs-letter" }, `${letter}．`);
      return make("label", { class: "xs-option" }, input, mark, make("span", { class: "xs-text" }, text));
    });
    return inputs;
  }

  function drawEssay(question, labelId) {
    const length = make("p", { class: "xs-note" });
    const area = make("textarea", {
      rows: 10,
      maxlength: 20000,
      "aria-labelledby": labelId,
      placeholder: "在这里作答",
      oninput: () => (showLength(), answer(question.id, withoutControls(area.value), { typed: true })),
      onblur: () => saving.flush(),
    });
    const showLength = () => (length.textContent = `${area.value.replace(/\s/g, "").length} 字`);
    area.value = responses[question.id] ?? "";
    showLength();
    return [area, length];
  }

  function drawQuestion(question) {
    const labelId = frame.id(`${question.id}-stem`);
    const points = `（${KINDS[question.kind]}，${formatPoints(question.points)} 分）`;
    const field = make(
      "fieldset",
      { class: "xs-question" },
      make(
        "legend",
        { id: labelId },
        `${numbers.get(question.id)}．${question.stem}`,
        make("span", { class: "xs-note" }, points),
      ),
      question.kind === "essay" ? drawEssay(question, labelId) : drawOptions(question),
    );
    fields.set(question.id, field);
    return field;
  }

  function drawSection(section, index) {
    const nodes = [];
    let story = "";
    for (const question of section.questions) {
      if (question.story && question.story !== story) {
        nodes.push(make("p", { class: "xs-story" }, make("b", {}, "案情　"), question.story));
      }
      story = question.story;
      nodes.push(drawQuestion(question));
    }
    const multiple = section.questions.some((question) => question.kind === "multiple");
    return make(
      "section",
      { "aria-labelledby": frame.id(`section-${index}`) },
      make(
        "h3",
        { id: frame.id(`section-${index}`) },
        `${"一二三四五六七八九十"[index] ?? index + 1}、${section.title}`,
        make("span", { class: "xs-note" }, `共 ${section.questions.length} 小题，${formatPoints(section.total_points)} 分`),
      ),
      multiple ? make("p", { class: "xs-note" }, `多选题：${section.rule}。`) : null,
      nodes,
    );
  }

  function drawJumps() {
    return paper.sections.map((section) =>
      make(
        "div",
        { class: "xs-jumps", role: "group", "aria-label": section.title },
        make("p", { class: "xs-note" }, section.title),
        make(
          "div",
          { class: "xs-numbers" },
          section.questions.map((question) => {
            const number = numbers.get(question.id);
            const button = make("button", { type: "button", class: "xs-number", onclick: () => goTo(question.id) }, `${number}`);
            jumps.set(question.id, button);
            return button;
          }),
        ),
      ),
    );
  }

  const confirming = make("div", { class: "xs-confirm", hidden: true });
  const handInButtons = [0, 1].map(() =>
    make("button", { type: "button", class: "xs-button", onclick: askToHandIn }, "交卷"),
  );

  function askToHandIn() {
    const missing = questions.filter((question) => !isAnswered(question.id));
    const confirm = make("button", { type: "button", class: "xs-button", onclick: handIn }, "确认交卷");
    const back = make("button", { type: "button", class: "xs-button xs-quiet", onclick: close }, "继续答题");
    const problem = make("div");
    function close() {
      leave();
      handInButtons[1].focus();
    }
    function leave() {
      confirming.hidden = true;
      handInButtons[1].hidden = false;
    }
    async function handIn() {
      confirm.disabled = true;
      clearTimeout(typing);
      const reply = (await saving.settle()) ? await line.ask("hand_in") : null;
      if (reply?.ok) return;
      confirm.disabled = false;
      problem.replaceChildren(problemBox(reply ? reply.fault : "还有答案没有保存，没有交卷。请稍等再试。"));
    }
    confirming.replaceChildren(
      make("h3", { tabindex: "-1" }, "交卷"),
      missing.length
        ? make("p", {}, `还有 ${missing.length} 题没有作答，点题号可以回去：`)
        : make("p", {}, "全部题目都已作答。"),
      make(
        "div",
        { class: "xs-numbers" },
        missing.map((question) =>
          make(
            "button",
            {
              type: "button",
              class: "xs-number",
              "aria-label": `第 ${numbers.get(question.id)} 题，未答`,
              onclick: () => (leave(), goTo(question.id)),
            },
            `${numbers.get(question.id)}`,
          ),
        ),
      ),
      make("p", {}, "交卷以后不能再改。"),
      problem,
      make("p", { class: "xs-actions" }, confirm, back),
    );
    confirming.hidden = false;
    handInButtons[1].hidden = true;
    confirming.scrollIntoView({ block: "center" });
    confirming.firstChild.focus({ preventScroll: true });
  }

  const jumpBar = drawJumps();
  const node = make(
    "div",
    { class: "xs-exam" },
    make(
      "header",
      { class: "xs-head" },
      make("h2", {}, paper.title),
      make("p", { class: "xs-note" }, `考生：${model.get("page").learner[1]}　满分 ${formatPoints(paper.total_points)} 分，${formatPoints(paper.pass_score)} 分及格`),
    ),
    make("div", { class: "xs-bar" }, clock, count, state),
    make(
      "nav",
      { class: "xs-side", "aria-label": "答题卡" },
      make("details", { open: frame.isWide() }, make("summary", {}, "答题卡"), jumpBar, make("p", { class: "xs-actions" }, handInButtons[0])),
    ),
    make("div", { class: "xs-paper" }, paper.sections.map(drawSection), confirming, make("p", { class: "xs-actions" }, handInButtons[1])),
  );
  showAnswered();

  const ticking = setInterval(tick, 1000);
  line.ask("time").then((reply) => reply && setClock(reply.seconds_left));
  const warn = (event) => saving.isClean() || event.preventDefault();
  window.addEventListener("beforeunload", warn);
  frame.onClose(() => {
    clearInterval(ticking);
    clearTimeout(typing);
    saving.close();
    window.removeEventListener("beforeunload", warn);
  });
  return node;
}

function drawHandedIn({ model }) {
  const page = model.get("page");
  return make(
    "div",
    { class: "xs-done" },
    make("h2", { tabindex: "-1" }, "已交卷"),
    make("p", {}, `${page.learner[1]}，答卷已于 ${page.handed_in_at} 交上。`),
    make("p", {}, `作答 ${page.answered} 题，共 ${page.total} 题。成绩由培训人员阅卷后公布，现在可以关闭页面。`),
  );
}

const STAGES = { sign_in: drawSignIn, exam: drawExam, handed_in: drawHandedIn };

function render({ model, el }) {
  const line = openLine(model);
  const prefix = makeId();
  let closing = [];
  // JupyterLab takes keys such as Enter and the arrows as commands unless told not to.
  const card = make("section", { class: "xuefa-sheet", "aria-label": "考试", "data-lm-suppress-shortcuts": "true" });
  const frame = {
    id: (name) => `${prefix}-${name}`,
    isWide: () => el.clientWidth >= 800,
    onClose: (action) => closing.push(action),
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
