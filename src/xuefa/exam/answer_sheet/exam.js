// A paper being sat: one question on view, the 答题卡 beside it, the way to hand in.

const BEAT_MILLISECONDS = 10000;
const RETRY_MILLISECONDS = 3000;
const WIDE_PIXELS = 720; // as in the style sheet
const STATES = { idle: "答案随时自动保存", waiting: "正在保存…", saving: "正在保存…", ending: "答题时间到，正在交卷…" };
const NUMERALS = "一二三四五六七八九十";

function drawExam({ model, line, frame }) {
  const paper = model.get("paper");
  const learner = model.get("page").learner;
  const responses = { ...model.get("responses") };
  const flagged = new Set(model.get("flagged"));
  const progress = openProgress({ paper, responses, flagged });
  const { questions } = progress;
  const key = `xuefa ${paper.paper_id} ${learner[0]}`;
  const place = openMemory(() => sessionStorage); // of this tab only: another one may be at another question
  const drafts = openDrafts(`${key} drafts`);
  const flagDrafts = openDrafts(`${key} flags`);
  const clock = openClock({ onEnd: endByTime });
  const notices = openNotices(progress);
  const saving = openSaving({
    line,
    drafts,
    flagDrafts,
    revisions: { ...model.get("revisions") },
    responseOf: (id) => responses[id] ?? "",
    onState: showState,
    onNewer: showNewer,
    onFlags: showFlags,
    onReply: showReply,
  });
  const items = new Map();
  let current = null;
  let ending = false;
  let countedAt = performance.now();

  for (const [id, draft] of Object.entries(drafts.read())) {
    const question = progress.find(id);
    if (!question || !fitsQuestion(question, draft.response)) continue;
    responses[id] = draft.response;
    saving.resume(id, draft);
  }
  for (const [id, on] of Object.entries(flagDrafts.read()).filter(([id]) => progress.find(id))) {
    saving.resumeFlag(id, on);
    setFlag(id, on);
  }

  const state = make("p", { class: "xs-state", role: "status" }, STATES.idle);
  const count = make("span");
  const jumped = make("p", { class: "xs-warning", role: "alert", hidden: true });
  const bar = make("div", { class: "xs-bar" }, clock.time, count, state, clock.warning, jumped);
  const confirming = make("div");
  const handInButtons = ["xuefa-button", "xuefa-button xuefa-quiet xs-end"].map((look) =>
    make("button", { type: "button", class: look, onclick: askToHandIn }, "交卷"),
  );
  const card = drawNumberCard({ paper, progress, onPick: pick, handInButton: handInButtons[0] });
  const sections = paper.sections.map(drawSection);
  const previous = make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => step(-1) }, "上一题");
  const flag = make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: toggleFlag }, "标记");
  const next = make("button", { type: "button", class: "xuefa-button", onclick: () => step(1) }, "下一题");

  function showState({ kind, at, fault }) {
    state.className = `xs-state xs-${kind}`;
    state.textContent = kind === "saved" ? `已保存 ${at}` : kind === "failed" ? fault : STATES[kind];
  }

  function showReply(reply) {
    if (reply.ok) clock.set(reply.seconds_left);
    jumped.textContent = reply.notice;
    jumped.hidden = !reply.notice;
  }

  function showNewer(id, response, refused) {
    responses[id] = response;
    items.get(id).show(response);
    notices.add(id, progress.find(id).kind === "essay" && refused ? refused : "");
    showProgress();
  }

  function showFlags(ids, isMine) {
    for (const { id } of questions) {
      if (!isMine(id)) setFlag(id, ids.includes(id));
    }
    showProgress();
  }

  function setFlag(id, on) {
    if (on) flagged.add(id);
    else flagged.delete(id);
  }

  function answer(id, response, options) {
    responses[id] = response;
    showProgress();
    saving.put(id, response, options);
  }

  function showProgress() {
    count.textContent = `已答 ${questions.length - progress.unanswered().length}／${questions.length} 题`;
    card.show(current);
    if (current === null) return;
    const on = flagged.has(current);
    flag.textContent = on ? "取消标记" : "标记";
    flag.classList.toggle("xs-on", on);
    flag.setAttribute("aria-label", `${on ? "取消标记" : "标记"}第 ${progress.numberOf(current)} 题`);
  }

  /** Show one question; its section's heading stays with it. */
  function show(id) {
    countSeconds();
    current = id;
    for (const [other, { node }] of items) node.hidden = other !== id;
    for (const section of sections) section.hidden = !section.contains(items.get(id).node);
    previous.disabled = !progress.neighbour(id, -1);
    next.disabled = !progress.neighbour(id, 1);
    place.write(key, id);
    showProgress();
  }

  function goTo(id) {
    show(id);
    const { node } = items.get(id);
    const section = sections.find((one) => one.contains(node));
    section.style.scrollMarginTop = `${bar.offsetHeight + 6}px`;
    section.scrollIntoView({ block: "start" });
    // On a phone the keyboard would cover the essay's question.
    const field = matchMedia("(pointer: coarse)").matches ? "legend" : "textarea";
    const target = ["input:checked", "input", field].map((one) => node.querySelector(one)).find(Boolean);
    target.focus({ preventScroll: true });
  }

  function pick(id) {
    closeConfirm();
    card.fold();
    goTo(id);
  }

  function step(by) {
    const question = progress.neighbour(current, by);
    if (question) goTo(question.id);
  }

  function toggleFlag() {
    setFlag(current, !flagged.has(current));
    showProgress();
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
    if (!input || progress.find(current).kind === "judge") return;
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

  function drawSection(section, index) {
    const titleId = frame.id(`section-${index}`);
    const sum = `共 ${section.questions.length} 小题，${formatPoints(section.total_points)} 分`;
    const several = section.questions.some((question) => question.kind === "multiple");
    const nodes = section.questions.map((question) => {
      const { id, kind } = question;
      const item = drawQuestion({
        question,
        number: progress.numberOf(id),
        idOf: frame.id,
        response: responses[id] ?? "",
        showsLetters: paper.shows_letters && kind !== "judge",
        onAnswer: (response, options) => answer(id, response, options),
        onLeave: () => saving.flush(),
      });
      items.set(id, item);
      return item.node;
    });
    const title = `${NUMERALS[index] ?? index + 1}、${section.title}`;
    return make(
      "section",
      { class: "xs-section", "aria-labelledby": titleId },
      make("h3", { id: titleId }, title, make("span", { class: "xuefa-note" }, sum)),
      several ? make("p", { class: "xuefa-note" }, `多选题：${section.rule}。`) : null,
      nodes,
    );
  }

  function lock(on) {
    for (const field of node.querySelectorAll("fieldset")) field.disabled = on;
  }

  function closeConfirm() {
    confirming.replaceChildren();
    handInButtons[1].hidden = false;
  }

  function askToHandIn() {
    card.fold();
    const onBack = () => (closeConfirm(), handInButtons[1].focus());
    const box = drawConfirm({ progress, handIn, onPick: pick, onBack });
    confirming.replaceChildren(box);
    handInButtons[1].hidden = true;
    box.scrollIntoView({ block: "nearest" });
    box.firstChild.focus({ preventScroll: true });
  }

  async function handIn() {
    lock(true);
    const reply = (await saving.settle()) ? await line.ask("hand_in") : null;
    if (reply?.ok) return "";
    lock(false);
    return reply ? reply.fault : "还有答案没有保存，没有交卷。请稍等再试。";
  }

  /** The kernel decides whether the time is up. While it cannot be handed in, nothing stays locked, and it is tried again. */
  async function endByTime() {
    if (ending) return;
    ending = true;
    const asked = await line.ask("time");
    if (asked?.ok && asked.seconds_left > 0) {
      ending = false;
      return clock.set(asked.seconds_left);
    }
    if (asked?.ok) {
      lock(true);
      showState({ kind: "ending" });
    }
    await saving.settle();
    const reply = await line.ask("hand_in");
    if (reply?.ok) return;
    lock(false);
    showState({ kind: "failed", fault: reply ? reply.fault : "答题时间到，还没有交上，正在重试。请不要关闭页面。" });
    setTimeout(() => (ending = false), RETRY_MILLISECONDS);
  }

  const points = `满分 ${formatPoints(paper.total_points)} 分，${formatPoints(paper.pass_score)} 分及格`;
  const keys = `键盘：${paper.shows_letters ? "按选项前的字母作答，" : ""}按住 Alt 再按左、右箭头换题。`;
  const node = make(
    "div",
    { class: "xs-exam", onkeydown: pressKey },
    make(
      "header",
      { class: "xs-head" },
      make("h2", {}, paper.title),
      make("p", { class: "xuefa-note" }, `考生：${learner[1]}　${points}`),
    ),
    bar,
    card.node,
    make(
      "div",
      { class: "xs-paper" },
      notices.node,
      sections,
      make("div", { class: "xuefa-actions xs-steps" }, previous, flag, next, handInButtons[1]),
      make("p", { class: "xuefa-note xs-keys" }, keys),
      confirming,
    ),
  );
  const first = progress.find(place.read(key)) ?? progress.unanswered()[0] ?? questions[0];
  show(first.id);

  // JupyterLab and Voilà draw the widget before it has a place on the page, and a phone is turned.
  const fitting = new ResizeObserver(([entry]) => card.fit(entry.contentRect.width >= WIDE_PIXELS));
  fitting.observe(node);
  const ticking = setInterval(() => (countSeconds(), clock.tick()), 1000);
  const beating = setInterval(saving.beat, BEAT_MILLISECONDS);
  const look = () => document.visibilityState === "visible" && saving.beat();
  const warn = (event) => saving.unsavedIds().length && event.preventDefault();
  saving.beat();
  document.addEventListener("visibilitychange", look);
  window.addEventListener("beforeunload", warn);
  frame.onClose(() => {
    fitting.disconnect();
    clearInterval(ticking);
    clearInterval(beating);
    saving.close();
    if (model.get("page").stage === "handed_in") {
      frame.unsavedNumbers = saving.unsavedIds().map(progress.numberOf);
      drafts.write({});
      flagDrafts.write({});
    }
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("beforeunload", warn);
  });
  return node;
}
