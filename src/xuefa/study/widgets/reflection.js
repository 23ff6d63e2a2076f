// 心得体会: the draft is kept in this browser until it is handed in.

function render({ model, el }) {
  const line = openLine(model);
  let sending = false;
  let lost = false;
  let text = null;

  const frame = mount({ model, el, label: "心得体会", draw });

  function draw(view) {
    const handedIn = view.handed_in.map((one) =>
      make(
        "article",
        { class: "xuefa-handed-in" },
        make("p", { class: "xuefa-saved", tabindex: "-1" }, `已交，已保存　${one.at}　${count(one.text)} 字`),
        one.text.split("\n").map((paragraph) => make("p", {}, paragraph)),
      ),
    );
    if (!view.learner) {
      text = null;
      return [make("p", { class: "xuefa-hint" }, "请先在上面签到，再写心得体会。"), problemBox(view.problem)];
    }
    if (!handedIn.length) return [drawForm(view)];
    return [
      ...handedIn,
      make("details", { open: sending || lost || Boolean(view.problem) }, make("summary", {}, "再写一篇"), drawForm(view)),
    ];
  }

  function drawForm(view) {
    const draft = `xuefa.draft.${view.module}.${view.learner.id}`;
    text ??= memory.read(draft);
    const counter = make("span", { class: "xuefa-note" });
    const button = make("button", { type: "submit", class: "xuefa-button" }, sending ? "正在保存…" : "提交");
    const box = make("textarea", {
      rows: "8",
      maxlength: view.max_characters,
      disabled: sending,
      "aria-label": "心得体会",
      placeholder: "在这里写。写到一半可以离开，草稿留在这台设备上。",
      oninput: () => {
        text = box.value;
        memory.write(draft, text);
        update();
      },
    });
    box.value = text;
    const update = () => {
      counter.textContent = `${count(text)} 字`;
      button.disabled = sending || !text.trim();
    };
    update();
    return make(
      "form",
      { onsubmit: (event) => (event.preventDefault(), handIn(draft)) },
      box,
      problemBox(view.problem || (lost ? "没有收到回应，还没有确认保存。文字还在，请再点一次“提交”；仍不行，请刷新页面，草稿会留着。" : "")),
      make("p", { class: "xuefa-actions" }, button, counter),
    );
  }

  async function handIn(draft) {
    if (sending || !text.trim()) return;
    sending = true;
    lost = false;
    frame.redraw();
    const heard = await line.ask("hand_in", { text });
    sending = false;
    lost = !heard;
    if (heard && !model.get("view").problem) {
      text = "";
      memory.write(draft, "");
      frame.say("心得体会已保存。");
    } else frame.say("没有保存。");
    frame.redraw();
    frame.body.querySelector("article:last-of-type .xuefa-saved")?.focus();
  }

  /** Characters without spaces, as 字数 is counted. */
  function count(words) {
    return [...words.replace(/\s/g, "")].length;
  }

  return () => {
    line.close();
    frame.close();
  };
}

export default { render };
