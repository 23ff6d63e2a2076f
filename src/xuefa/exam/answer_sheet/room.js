// 考试: names and exams. What is chosen here is only asked for; the kernel decides and sends the next view.

const SHOWN = 12;
const TICKET = "xuefa.ticket"; // the sign-in card's too: whoever signed in on this tab need not give the PIN again
const LEFT = "xuefa.left"; // likewise: who signs out on one tab of this browser signs out on all
const ENTER = { open: "开始作答", begun: "继续作答" };

function render({ model, el }) {
  const line = openLine(model);
  const frame = make("section", { class: "xuefa-room", "aria-label": "考试" });
  const problem = make("div", { "aria-live": "polite" });
  const name = makeId();
  const tab = openMemory(() => sessionStorage);
  const secrets = { pin: "", again: "" };
  let sought = "";
  let chosen = "";
  el.append(frame);

  async function ask(what, fields = {}) {
    for (const button of frame.querySelectorAll("button")) button.disabled = true;
    const reply = await line.ask(what, fields);
    for (const button of frame.querySelectorAll("button")) button.disabled = false;
    if (!reply) sayProblem("没有收到回应，请再点一次；仍不行，请刷新页面。");
  }

  function sayProblem(text) {
    problem.replaceChildren(...[problemBox(text)].filter(Boolean));
  }

  function drawNames({ people }) {
    const learner = people.find(([id]) => id === chosen);
    if (learner) return drawProof(learner);
    if (!people.length) return [make("h2", {}, "考试"), make("p", {}, "现在没有发布的考试。"), lookButton()];
    const list = make("div", { class: "xr-names" });
    const fill = () => {
      const found = people.filter(([id, person]) => `${person} ${id}`.includes(sought.trim()));
      const rest = found.length - SHOWN;
      list.replaceChildren(
        ...found.slice(0, SHOWN).map(([id, person]) => nameButton(id, person)),
        ...(rest > 0 ? [make("p", { class: "xuefa-note" }, `还有 ${rest} 人，请输入姓名查找。`)] : []),
        ...(found.length ? [] : [make("p", { class: "xuefa-note" }, "名单里没有这个名字，请核对，或者告诉监考人员。")]),
      );
    };
    const search = make("input", {
      id: `${name}-search`,
      type: "search",
      autocomplete: "off",
      value: sought,
      oninput: () => {
        sought = search.value;
        fill();
      },
    });
    fill();
    return [
      make("h2", {}, "考试"),
      make("label", { for: `${name}-search` }, "输入姓名查找，再点自己的名字"),
      search,
      list,
    ];
  }

  function nameButton(id, person) {
    const label = id === person ? person : `${person}（${id}）`;
    return make("button", { type: "button", class: "xuefa-button xuefa-quiet xr-name", onclick: () => choose(id) }, label);
  }

  function choose(id) {
    chosen = id;
    Object.assign(secrets, { pin: "", again: "" });
    draw();
    frame.querySelector("input")?.focus();
  }

  /** The PIN, twice if it is the first time. */
  function drawProof([id, person, hasPin]) {
    const hint = hasPin ? "和签到用的是同一个，忘了请告诉监考人员" : "第一次用，请给自己设一个：4 至 6 位数字，不要告诉别人";
    return [
      make("h2", {}, person),
      make(
        "form",
        {
          autocomplete: "off",
          onsubmit: (event) => {
            event.preventDefault();
            enter(id, hasPin);
          },
        },
        secretField("pin", "密码"),
        make("p", { class: "xuefa-note" }, hint),
        hasPin ? null : secretField("again", "再输一次密码"),
        make(
          "p",
          { class: "xuefa-actions" },
          make("button", { type: "submit", class: "xuefa-button" }, "进入"),
          make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => choose("") }, "不是我，换人"),
        ),
      ),
    ];
  }

  function secretField(key, label) {
    const input = make("input", {
      id: `${name}-${key}`,
      type: "password",
      inputmode: "numeric",
      autocomplete: "off",
      maxlength: 6,
      oninput: () => (secrets[key] = input.value.trim()),
    });
    return [make("label", { for: `${name}-${key}` }, label), input];
  }

  async function enter(id, hasPin) {
    await ask("enter", { learner: id, pin: secrets.pin, again: hasPin ? "" : secrets.again });
    Object.assign(secrets, { pin: "", again: "" });
    for (const input of frame.querySelectorAll("form input")) input.value = "";
  }

  function signOut() {
    openMemory(() => localStorage).write(LEFT, makeId());
    leave();
  }

  function leave() {
    tab.write(TICKET, "");
    chosen = "";
    ask("leave");
  }

  function lookButton() {
    return make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => ask("look") }, "刷新");
  }

  function drawExams({ learner, exams }) {
    return [
      make("h2", { tabindex: "-1" }, `${learner[1]}的考试`),
      make("ul", { class: "xr-exams" }, exams.map(drawExam)),
      make(
        "p",
        { class: "xuefa-actions" },
        lookButton(),
        make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: signOut }, "不是我，换人"),
      ),
    ];
  }

  function drawExam(exam) {
    return make(
      "li",
      { class: `xr-exam xr-${exam.stage}` },
      make("h3", {}, exam.title),
      make("p", { class: "xuefa-note" }, exam.about),
      exam.rules.map((rule) => make("p", { class: "xuefa-note" }, rule)),
      make("p", {}, exam.says),
      ENTER[exam.stage] &&
        make(
          "button",
          { type: "button", class: "xuefa-button", onclick: () => ask("sit", { paper: exam.paper_id }) },
          ENTER[exam.stage],
        ),
    );
  }

  const stages = { names: drawNames, exams: drawExams, sitting: drawSitting };

  function drawSitting({ done }) {
    const back = { type: "button", class: "xuefa-button xuefa-quiet", onclick: () => ask("look") };
    return done ? [make("button", back, "回到考试列表")] : [];
  }

  function draw() {
    const view = model.get("view");
    frame.classList.toggle("xr-bare", view.stage === "sitting");
    frame.hidden = view.stage === "sitting" && !view.done;
    frame.replaceChildren(...stages[view.stage](view), problem);
    sayProblem(view.fault ?? "");
    frame.querySelector("h2[tabindex]")?.focus({ preventScroll: true });
  }

  const keepTicket = (content) => "ticket" in content && tab.write(TICKET, content.ticket);
  const leaveToo = (event) => event.key === LEFT && event.newValue && model.get("view").stage !== "names" && leave();
  addEventListener("storage", leaveToo);
  model.on("msg:custom", keepTicket);
  model.on("change:view", draw);
  draw();
  if (model.get("view").stage === "names" && tab.read(TICKET)) ask("resume", { ticket: tab.read(TICKET) });
  return () => {
    removeEventListener("storage", leaveToo);
    model.off("msg:custom", keepTicket);
    model.off("change:view", draw);
    line.close();
  };
}

export default { render };
