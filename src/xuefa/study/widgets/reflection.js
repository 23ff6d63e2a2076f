// 心得体会 and 研讨材料: the draft is kept on the server as one types, and in this browser while the line is down.

const KEEP_AFTER_MILLISECONDS = 1200;
const MAX_FILE_BYTES = 5000000;
const STAGES = { handed_in: "已交，已保存", accepted: "已收下", returned: "退回修改" };

function render({ model, el }) {
  const line = openLine(model);
  let kind = model.get("view").kinds[0][0];
  let owner = "";
  let text = "";
  let revision = 0;
  let sending = false;
  let keeping = 0;
  let kept = "";

  const status = make("p", { class: "xuefa-status", role: "status" });
  const handedIn = make("div");
  const kinds = make("fieldset", { class: "xuefa-kinds" });
  const trouble = make("div");
  const counter = make("span", { class: "xuefa-note" });
  const draftNote = make("span", { class: "xuefa-note" });
  const button = make("button", { type: "submit", class: "xuefa-button" }, "提交");
  const box = make("textarea", { rows: "8", oninput: () => write(box.value) });
  const file = make("input", {
    type: "file",
    accept: ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "aria-label": "Word 文件（.docx）",
    hidden: true, // its own words are in the browser's language
    onchange: attach,
  });
  const form = make(
    "form",
    { onsubmit: (event) => (event.preventDefault(), handIn()) },
    kinds,
    box,
    trouble,
    make("p", { class: "xuefa-actions" }, button, counter, draftNote),
    make(
      "p",
      { class: "xuefa-actions xuefa-attach" },
      make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => file.click() }, "附上 Word 文件"),
      make("span", { class: "xuefa-note" }, "只收 .docx，里面的文字会放进框里，看过再提交。"),
      file,
    ),
  );
  const hint = make("p", { class: "xuefa-hint" }, "请先在上面签到，再写心得体会。");
  const wrote = make("details", {}, make("summary", {}, "再写一篇"));
  el.append(make("section", { class: "xuefa xuefa-card", "aria-label": "心得体会" }, handedIn, hint, wrote, form, status));

  const memoryKey = () => `xuefa.draft.${kind}.${model.get("view").module}.${owner}`;
  const nameOf = (wanted) => model.get("view").kinds.find(([key]) => key === wanted)[1];

  function update() {
    const view = model.get("view");
    const learner = view.learner?.id ?? "";
    hint.hidden = Boolean(learner);
    if (learner !== owner) enter(learner);
    drawWritings(view);
    const mine = view.writings.filter((one) => one.stage !== "returned");
    // One who has handed in sees that first; the form waits behind a line to open.
    wrote.hidden = !learner || !mine.length;
    if (wrote.hidden ? form.parentElement === wrote : form.parentElement !== wrote) {
      if (wrote.hidden) wrote.after(form);
      else wrote.append(form);
    }
    form.hidden = !learner;
    if (text || sending || view.problem) wrote.open = true;
    drawState(view);
  }

  /** Someone else is here, or another kind is written: the draft of before stays where it is kept. */
  function enter(learner) {
    owner = learner;
    clearTimeout(keeping);
    const draft = model.get("view").drafts[kind];
    const here = owner ? memory.read(memoryKey()) : "";
    text = here || draft?.text || "";
    revision = draft?.revision ?? 0;
    kept = draft?.text ?? "";
    box.value = text;
    if (here && here !== kept) plan();
    drawKinds();
  }

  function drawKinds() {
    kinds.replaceChildren(
      make("legend", { class: "xuefa-legend" }, "写什么"),
      ...model.get("view").kinds.map(([key, words]) =>
        make(
          "label",
          { class: "xuefa-kind" },
          make("input", {
            type: "radio",
            name: `kind-${model.get("view").module}`,
            checked: key === kind,
            onchange: () => {
              keep();
              kind = key;
              enter(owner);
              update();
            },
          }),
          make("span", {}, words),
        ),
      ),
    );
    box.setAttribute("aria-label", nameOf(kind));
    box.setAttribute("placeholder", "在这里写，或者从 Word 里粘贴。写到一半可以离开，草稿会留着。");
  }

  function drawWritings(view) {
    handedIn.replaceChildren(
      ...view.writings.map((one) =>
        make(
          "article",
          { class: `xuefa-handed-in xuefa-${one.stage}` },
          make(
            "p",
            { class: one.stage === "returned" ? "xuefa-returned-line" : "xuefa-saved", tabindex: "-1" },
            `${STAGES[one.stage]}　${nameOf(one.kind)}　${one.at}　${count(one.text)} 字`,
          ),
          one.reason ? make("p", { class: "xuefa-reason" }, `培训人员的意见：${one.reason}`) : null,
          one.stage === "returned"
            ? make(
                "p",
                { class: "xuefa-actions" },
                make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => takeUp(one) }, "在原文上改"),
              )
            : null,
          one.text.split("\n").map((paragraph) => make("p", {}, paragraph)),
        ),
      ),
    );
  }

  function drawState(view) {
    const newer = view.newer[kind];
    trouble.replaceChildren(
      ...[
        problemBox(view.problem || tooLong()),
        newer
          ? make(
              "div",
              { class: "xuefa-problem", role: "alert" },
              make("p", {}, `这份草稿在另一个页面里改过（${newer.saved_at}），没有互相覆盖。请选留哪一份：`),
              make(
                "details",
                {},
                make("summary", {}, `看另一个页面里的（${count(newer.text)} 字）`),
                newer.text.split("\n").map((paragraph) => make("p", {}, paragraph)),
              ),
              make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => choose(newer, newer.text) }, "用另一个页面里的"),
              " ",
              make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => choose(newer, text) }, "用这里的"),
            )
          : null,
      ].filter(Boolean),
    );
    button.textContent = sending ? "正在保存…" : "提交";
    button.disabled = sending || !text.trim() || Boolean(tooLong());
    box.disabled = sending;
    counter.textContent = `${count(text)} 字`;
  }

  function write(words) {
    text = words;
    memory.write(memoryKey(), text);
    drawState(model.get("view"));
    draftNote.textContent = "";
    plan();
  }

  /** Nothing is cut off what was pasted: one sees that it is too much, and what to do. */
  function tooLong() {
    const most = model.get("view").max_characters;
    if (text.length <= most) return "";
    return `太长了：连空格最多 ${most} 字，现在多出 ${text.length - most} 字，草稿没有存到服务器。请删去一些，或者分成两篇提交。`;
  }

  function plan() {
    clearTimeout(keeping);
    keeping = setTimeout(keep, KEEP_AFTER_MILLISECONDS);
  }

  async function keep() {
    clearTimeout(keeping);
    if (!owner || sending || text === kept || tooLong() || model.get("view").newer[kind]) return;
    const [who, what, words] = [owner, kind, text];
    const heard = await line.ask("draft", { kind: what, text: words, based_on: revision });
    if (who !== owner || what !== kind) return;
    const draft = model.get("view").drafts[kind];
    if (heard && draft?.text === words && !model.get("view").problem) {
      [kept, revision] = [words, draft.revision];
      if (text === words) memory.write(memoryKey(), "");
      draftNote.textContent = `草稿已存 ${draft.saved_at}，还没有提交`;
      if (text !== words) plan();
    } else if (!heard) {
      draftNote.textContent = "草稿先存在这台设备上，连上以后会自动存";
      keeping = setTimeout(keep, 3000);
    }
  }

  function choose(newer, words) {
    revision = newer.revision;
    kept = newer.text;
    delete model.get("view").newer[kind];
    box.value = words;
    write(words);
    keep();
    update();
  }

  function takeUp(one) {
    kind = one.kind;
    enter(owner);
    box.value = one.text;
    write(one.text);
    update();
    box.focus();
  }

  async function attach() {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    if (chosen.size > MAX_FILE_BYTES) return tell("文件超过 5 MB。只收文字，不收图片；请在 Word 里全选、复制，再粘贴到框里。");
    const url = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => resolve("");
      reader.readAsDataURL(chosen);
    });
    if (!url) return tell("这个文件读不出来。请检查后再试。");
    const heard = await line.ask("attach", { content: url.slice(url.indexOf(",") + 1) });
    if (!heard) tell("没有收到回应，文件没有附上，请再试一次。");
  }

  function tell(words) {
    trouble.replaceChildren(problemBox(words));
  }

  function hear(content) {
    if (typeof content.attached !== "string") return;
    box.value = text.trim() ? `${text.trim()}\n\n${content.attached}` : content.attached;
    write(box.value);
    status.textContent = "文件里的文字已经放进框里，请看一遍再提交。";
    draftNote.textContent = status.textContent;
    box.focus();
  }

  async function handIn() {
    if (sending || !text.trim()) return;
    sending = true;
    clearTimeout(keeping);
    drawState(model.get("view"));
    const heard = await line.ask("hand_in", { kind, text });
    sending = false;
    if (heard && !model.get("view").problem) {
      memory.write(memoryKey(), "");
      [text, kept, revision] = ["", "", 0];
      box.value = "";
      draftNote.textContent = "";
      wrote.open = false;
      status.textContent = `${nameOf(kind)}已保存。`;
    } else status.textContent = "没有保存。";
    update();
    if (!heard) tell("没有收到回应，还没有确认保存。文字还在，请再点一次“提交”；仍不行，请刷新页面，草稿会留着。");
    else handedIn.querySelector("article:last-of-type .xuefa-saved")?.focus();
  }

  /** Characters without spaces, as 字数 is counted. */
  function count(words) {
    return [...words.replace(/\s/g, "")].length;
  }

  model.on("change:view", update);
  model.on("msg:custom", hear);
  drawKinds();
  update();
  return () => {
    clearTimeout(keeping);
    line.close();
    model.off("change:view", update);
    model.off("msg:custom", hear);
  };
}

export default { render };
