// 答题卡: a whole paper as real HTML controls. Every change goes to the kernel; 已保存 shows only after its reply.

const REPLY_MILLISECONDS = 8000;
const TYPING_MILLISECONDS = 800;
const BEAT_MILLISECONDS = 10000;
const NO_REPLY = "没有收到回应，还没有保存，正在重试。请不要关闭页面。";
const ELSEWHERE = "这道题在别的页面改过，已显示最新的答案";
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

/**
 * Answers on their way to the disk: one request at a time, the newest answer of each question, again until it is there.
 * `onNewer(id, response, mine)` tells of an answer that another page has written; `mine` is what was refused for it.
 */
function openSaving({ line, revisions, responseOf, onState, onNewer, onReply }) {
  const unsaved = new Map();
  const sent = new Map(); // this page's own answers of which it never heard whether they arrived
  const flags = new Map();
  const seconds = new Map();
  let sending = false;
  let lost = false;
  let again = 0;

  function absorb(reply, batch = new Map()) {
    const refused = new Set(reply.refused);
    for (const [id, response] of batch) {
      if (unsaved.get(id) === response || refused.has(id)) unsaved.delete(id);
      sent.delete(id);
    }
    for (const [id, [response, revision]] of Object.entries(reply.newer)) {
      if (unsaved.has(id) && !batch.has(id)) continue; // settled when that change is sent
      revisions[id] = revision;
      if (!unsaved.has(id) && response !== responseOf(id)) onNewer(id, response, refused.has(id) ? responseOf(id) : "");
    }
  }

  async function flush({ all = false } = {}) {
    if (sending || !(unsaved.size || flags.size || (all && seconds.size))) return;
    sending = true;
    clearTimeout(again);
    const batch = new Map(unsaved);
    const [flagged, spent] = [new Map(flags), new Map(seconds)];
    const before = Object.fromEntries([...batch.keys()].map((id) => [id, [...(sent.get(id) ?? [])]]));
    for (const [id, response] of batch) sent.set(id, [...(sent.get(id) ?? []).slice(-4), response]);
    onState({ kind: "saving" });
    const reply = await line.ask("save", {
      responses: Object.fromEntries(batch),
      revisions,
      sent: before,
      flagged: Object.fromEntries(flagged),
      seconds: Object.fromEntries(spent),
    });
    sending = false;
    if (reply) onReply(reply);
    if (reply?.ok) {
      absorb(reply, batch);
      for (const [id, flag] of flagged) if (flags.get(id) === flag) flags.delete(id);
      for (const [id, amount] of spent) seconds.set(id, seconds.get(id) - amount);
      if (unsaved.size || flags.size) return flush();
      return onState({ kind: "saved", at: reply.saved_at });
    }
    onState({ kind: "failed", fault: reply ? reply.fault : NO_REPLY });
    if (!reply) again = setTimeout(flush, 1000);
  }

  return {
    put(id, response) {
      unsaved.set(id, response);
      onState({ kind: "waiting" });
    },
    flag: (id, on) => (flags.set(id, on), flush()),
    addSeconds: (id, amount) => seconds.set(id, (seconds.get(id) ?? 0) + amount),
    flush,
    /** Ask what another page or kernel has written, and send again what was refused before. */
    async beat() {
      if (sending) return;
      if (unsaved.size || flags.size) await flush();
      const reply = await line.ask("time", { revisions });
      if (!reply || !reply.ok) {
        lost = true;
        return onState({ kind: "failed", fault: reply ? reply.fault : NO_REPLY });
      }
      onReply(reply);
      if (!sending) absorb(reply);
      if (lost && !unsaved.size && !sending) onState({ kind: "idle" });
      lost = false;
    },
    async settle() {
      while (sending) await new Promise((resolve) => setTimeout(resolve, 50));
      await flush({ all: true });
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

/** The time that is left, as the kernel tells it; the page's own clock may be set meanwhile, so it counts by `performance`. */
function openClock({ node, warning, onEnd }) {
  let endsAt = null;

  function tick() {
    if (endsAt === null) return;
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    node.textContent = `剩余 ${formatTime(seconds)}`;
    node.classList.toggle("xs-late", seconds <= 600);
    const text = seconds <= 60 ? "还剩不到 1 分钟，时间到了自动交卷。" : seconds <= 600 && seconds > 540 ? "还剩不到 10 分钟。" : "";
    if (warning.textContent !== text) warning.textContent = text;
    warning.hidden = !text;
    if (seconds === 0) onEnd();
  }

  return {
    set(seconds) {
      endsAt = performance.now() + seconds * 1000;
      tick();
    },
    tick,
  };
}

/** The number of the question on view, kept for a reload of this tab only. */
function openPlace(key) {
  return {
    read() {
      try {
        return sessionStorage.getItem(key);
      } catch {
        return null;
      }
    },
    write(id) {
      try {
        sessionStorage.setItem(key, id);
      } catch {
        // a page without storage starts again at the first question
      }
    },
  };
}

function drawOptions({ question, name, response, showsLetters, onAnswer }) {
  const type = question.kind === "multiple" ? "checkbox" : "radio";
  const chosen = () => inputs.filter((one) => one.checked).map((one) => one.value);
  const onchange = () => onAnswer(chosen().sort().join(""));
  const inputs = question.options.map(([letter]) =>
    make("input", { type, name, value: letter, checked: response.includes(letter), onchange }),
  );
  const labels = question.options.map(([letter, text], index) => {
    const mark = showsLetters ? make("span", { class: "xs-letter" }, `${letter}．`) : null;
    return make("label", { class: "xs-option" }, inputs[index], mark, make("span", { class: "xs-text" }, text));
  });
  const show = (newer) => inputs.forEach((one) => (one.checked = newer.includes(one.value)));
  return { nodes: labels, show };
}

function drawEssay({ labelId, response, onAnswer, onLeave }) {
  const length = make("p", { class: "xs-note" });
  const area = make("textarea", {
    rows: 10,
    maxlength: 20000,
    "aria-labelledby": labelId,
    placeholder: "在这里作答",
    oninput: () => (showLength(), onAnswer(withoutControls(area.value), { typed: true })),
    onblur: onLeave,
  });
  const showLength = () => (length.textContent = `${area.value.replace(/\s/g, "").length} 字`);
  const show = (newer) => ((area.value = newer), showLength());
  show(response);
  return { nodes: [area, length], show };
}

function drawExam({ model, line, frame }) {
  const paper = model.get("paper");
  const learner = model.get("page").learner;
  const questions = questionsOf(paper);
  const responses = { ...model.get("responses") };
  const flagged = new Set(model.get("flagged"));
  const numbers = new Map(questions.map((question, index) => [question.id, index + 1]));
  const jumps = new Map();
  const items = new Map();
  const place = openPlace(`xuefa ${paper.paper_id} ${learner[0]}`);
  const isAnswered = (id) => Boolean((responses[id] ?? "").trim());
  const describe = (id) =>
    `第 ${numbers.get(id)} 题，${isAnswered(id) ? "已答" : "未答"}${flagged.has(id) ? "，已标记" : ""}`;

  const state = make("p", { class: "xs-state", role: "status" }, "答案随时自动保存");
  const count = make("span", { class: "xs-count" });
  const time = make("span", { class: "xs-clock", role: "timer", "aria-label": "剩余时间" });
  const warning = make("p", { class: "xs-warning", role: "alert", hidden: true });
  const jumped = make("p", { class: "xs-warning", role: "alert", hidden: true });
  const notices = make("div", { class: "xs-notices", role: "alert" });
  const clock = openClock({ node: time, warning, onEnd: endByTime });
  const saving = openSaving({
    line,
    revisions: { ...model.get("revisions") },
    responseOf: (id) => responses[id] ?? "",
    onState: showState,
    onNewer: showNewer,
    onReply: showReply,
  });
  let current = null;
  let typing = 0;
  let ending = false;
  let countedAt = performance.now();

  function showState({ kind, at, fault }) {
    state.className = `xs-state xs-${kind}`;
    const texts = { idle: "答案随时自动保存", waiting: "正在保存…", saving: "正在保存…", saved: `已保存 ${at}`, failed: fault };
    state.textContent = texts[kind];
  }

  function showReply(reply) {
    clock.set(reply.seconds_left);
    jumped.textContent = reply.notice;
    jumped.hidden = !reply.notice;
  }

  function showNewer(id, response, mine) {
    responses[id] = response;
    items.get(id).show(response);
    showAnswered();
    const question = questions.find((one) => one.id === id);
    const notice = make(
      "div",
      { class: "xs-notice" },
      make("p", {}, `第 ${numbers.get(id)} 题：${ELSEWHERE}。`),
      question.kind === "essay" && mine
        ? make("details", {}, make("summary", {}, "本页没有存上的文字"), make("p", { class: "xs-mine" }, mine))
        : null,
      make("button", { type: "button", class: "xs-button xs-quiet", onclick: () => notice.remove() }, "知道了"),
    );
    notices.append(notice);
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
      button.classList.toggle("xs-flagged", flagged.has(id));
      button.setAttribute("aria-label", describe(id));
      if (id === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    if (current === null) return;
    const on = flagged.has(current);
    flag.textContent = on ? "取消标记" : "标记";
    flag.classList.toggle("xs-on", on);
    flag.setAttribute("aria-label", `${on ? "取消标记" : "标记"}第 ${numbers.get(current)} 题`);
  }

  /** Show one question; its section's heading stays with it. */
  function show(id) {
    countSeconds();
    current = id;
    for (const [other, { node }] of items) node.hidden = other !== id;
    for (const section of sections) section.hidden = !section.contains(items.get(id).node);
    previous.disabled = numbers.get(id) === 1;
    next.disabled = numbers.get(id) === questions.length;
    place.write(id);
    showAnswered();
  }

  function goTo(id) {
    show(id);
    const { node } = items.get(id);
    node.scrollIntoView({ block: "start" });
    (node.querySelector("input:checked") ?? node.querySelector("input, textarea")).focus({ preventScroll: true });
  }

  function step(by) {
    const question = questions[numbers.get(current) - 1 + by];
    if (question) goTo(question.id);
  }

  function toggleFlag() {
    if (flagged.delete(current) === false) flagged.add(current);
    showAnswered();
    saving.flag(current, flagged.has(current));
  }

  function pressKey(event) {
    if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault(); // the browser would leave the page
      event.stopPropagation();
      return step(event.key === "ArrowLeft" ? -1 : 1);
    }
    const isLetter = /^[a-z]$/i.test(event.key) && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (!isLetter || !paper.shows_letters || event.target.matches("textarea")) return;
    const input = items.get(current).node.querySelector(`input[value="${event.key.toUpperCase()}"]`);
    if (!input || questions[numbers.get(current) - 1].kind === "judge") return;
    input.click();
    input.focus({ preventScroll: true });
  }

  /** Time on the question on view, while the tab is; a tick that comes late (sleep, a hidden tab) counts two seconds. */
  function countSeconds() {
    const now = performance.now();
    const passed = Math.min((now - countedAt) / 1000, 2);
    countedAt = now;
    if (current && !ending && document.visibilityState === "visible") saving.addSeconds(current, passed);
  }

  function drawQuestion(question) {
    const { id, kind } = question;
    const labelId = frame.id(`${id}-stem`);
    const points = `（${KINDS[kind]}，${formatPoints(question.points)} 分）`;
    const response = responses[id] ?? "";
    const onAnswer = (text, options) => answer(id, text, options);
    const field =
      kind === "essay"
        ? drawEssay({ labelId, response, onAnswer, onLeave: () => saving.flush() })
        : drawOptions({
            question,
            name: frame.id(id),
            response,
            showsLetters: paper.shows_letters && kind !== "judge",
            onAnswer,
          });
    const node = make(
      "div",
      { class: "xs-item", hidden: true },
      question.story ? make("p", { class: "xs-story" }, make("b", {}, "案情　"), question.story) : null,
      make(
        "fieldset",
        { class: "xs-question" },
        make(
          "legend",
          { id: labelId },
          `${numbers.get(id)}．${question.stem}`,
          make("span", { class: "xs-note" }, points),
        ),
        field.nodes,
      ),
    );
    items.set(id, { node, show: field.show });
    return node;
  }

  function drawSection(section, index) {
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
      section.questions.map(drawQuestion),
    );
  }

  function drawJump(id) {
    return make(
      "button",
      { type: "button", class: "xs-number", "aria-label": describe(id), onclick: () => (closeConfirm(), goTo(id)) },
      `${numbers.get(id)}`,
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
          section.questions.map(({ id }) => {
            jumps.set(id, drawJump(id));
            return jumps.get(id);
          }),
        ),
      ),
    );
  }

  const sections = paper.sections.map(drawSection);
  const quiet = "xs-button xs-quiet";
  const previous = make("button", { type: "button", class: quiet, onclick: () => step(-1) }, "上一题");
  const flag = make("button", { type: "button", class: `${quiet} xs-flag`, onclick: toggleFlag }, "标记");
  const next = make("button", { type: "button", class: "xs-button", onclick: () => step(1) }, "下一题");
  const confirming = make("div", { class: "xs-confirm", hidden: true });
  const handInButtons = ["xs-button", `${quiet} xs-end`].map((look) =>
    make("button", { type: "button", class: look, onclick: askToHandIn }, "交卷"),
  );

  function closeConfirm() {
    confirming.hidden = true;
    handInButtons[1].hidden = false;
  }

  function drawNumbers(list, lead) {
    if (!list.length) return null;
    return [make("p", {}, lead), make("div", { class: "xs-numbers" }, list.map(({ id }) => drawJump(id)))];
  }

  function askToHandIn() {
    const missing = questions.filter(({ id }) => !isAnswered(id));
    const marked = questions.filter(({ id }) => flagged.has(id));
    const confirm = make("button", { type: "button", class: "xs-button", onclick: handIn }, "确认交卷");
    const back = make("button", { type: "button", class: quiet, onclick: close }, "继续答题");
    const problem = make("div");
    function close() {
      closeConfirm();
      handInButtons[1].focus();
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
      ...[
        make("h3", { tabindex: "-1" }, "交卷"),
        missing.length ? null : make("p", {}, "全部题目都已作答。"),
        drawNumbers(missing, `还有 ${missing.length} 题没有作答，点题号可以回去：`),
        drawNumbers(marked, `标记了 ${marked.length} 题，点题号可以再看：`),
        make("p", {}, "交卷以后不能再改。"),
        problem,
        make("p", { class: "xs-actions" }, confirm, back),
      ]
        .flat()
        .filter(Boolean),
    );
    confirming.hidden = false;
    handInButtons[1].hidden = true;
    confirming.scrollIntoView({ block: "center" });
    confirming.firstChild.focus({ preventScroll: true });
  }

  /** The time is up: the kernel decides whether it is, takes what is unsaved, and hands in. */
  async function endByTime() {
    if (ending) return;
    ending = true;
    const asked = await line.ask("time", {});
    if (asked?.ok && asked.seconds_left > 0) {
      ending = false;
      return clock.set(asked.seconds_left);
    }
    clearTimeout(typing);
    for (const field of node.querySelectorAll("fieldset")) field.disabled = true;
    await saving.settle();
    const reply = await line.ask("hand_in");
    if (reply?.ok) return;
    showState({ kind: "failed", fault: reply ? reply.fault : "答题时间到，还没有交上，正在重试。请不要关闭页面。" });
    setTimeout(() => (ending = false), 3000);
  }

  const jumpBar = drawJumps();
  const node = make(
    "div",
    { class: "xs-exam", onkeydown: pressKey },
    make(
      "header",
      { class: "xs-head" },
      make("h2", {}, paper.title),
      make("p", { class: "xs-note" }, `考生：${learner[1]}　满分 ${formatPoints(paper.total_points)} 分，${formatPoints(paper.pass_score)} 分及格`),
    ),
    make("div", { class: "xs-bar" }, time, count, state, warning, jumped),
    make(
      "nav",
      { class: "xs-side", "aria-label": "答题卡" },
      make(
        "details",
        { open: frame.isWide() },
        make("summary", {}, "答题卡"),
        make("p", { class: "xs-note" }, "深色已答，白色未答，橙角是标记的题。"),
        jumpBar,
        make("p", { class: "xs-actions" }, handInButtons[0]),
      ),
    ),
    make(
      "div",
      { class: "xs-paper" },
      notices,
      sections,
      make("div", { class: "xs-actions" }, previous, flag, next, handInButtons[1]),
      confirming,
    ),
  );
  const kept = place.read();
  show((questions.find(({ id }) => id === kept) ?? questions.find(({ id }) => !isAnswered(id)) ?? questions[0]).id);

  const ticking = setInterval(() => (countSeconds(), clock.tick()), 1000);
  const beating = setInterval(saving.beat, BEAT_MILLISECONDS);
  const look = () => document.visibilityState === "visible" && saving.beat();
  const warn = (event) => saving.isClean() || event.preventDefault();
  saving.beat();
  document.addEventListener("visibilitychange", look);
  window.addEventListener("beforeunload", warn);
  frame.onClose(() => {
    clearInterval(ticking);
    clearInterval(beating);
    clearTimeout(typing);
    saving.close();
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("beforeunload", warn);
  });
  return node;
}

function drawHandedIn({ model }) {
  const page = model.get("page");
  const how = page.handed_in_by === "time" ? "答题时间到，答卷已自动交上" : "答卷已交上";
  return make(
    "div",
    { class: "xs-done" },
    make("h2", { tabindex: "-1" }, "已交卷"),
    make("p", {}, `${page.learner[1]}，${how}（${page.handed_in_at}）。`),
    make("p", {}, "回执码：", make("b", { class: "xs-receipt" }, page.receipt), "。请记下来，核对答卷时要用。"),
    make("p", {}, `作答 ${page.answered} 题，共 ${page.total} 题。成绩由培训人员阅卷后公布，现在可以关闭页面。`),
    ...(page.advice ? [make("p", { class: "xs-advice" }, page.advice)] : []),
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
