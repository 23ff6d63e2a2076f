// 考试: names and exams. What is chosen here is only asked for; the kernel decides and sends the next view.

const SHOWN = 12;
const ENTER = { open: "开始作答", begun: "继续作答" };

function render({ model, el }) {
  const line = openLine(model);
  const frame = make("section", { class: "xuefa-room", "aria-label": "考试" });
  const problem = make("div", { "aria-live": "polite" });
  const name = makeId();
  let sought = "";
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
    if (!people.length) return [make("h2", {}, "考试"), make("p", {}, "现在没有发布的考试。"), lookButton()];
    const list = make("div", { class: "xr-names" });
    const fill = () => {
      const found = people.filter(([id, person]) => `${person} ${id}`.includes(sought.trim()));
      const rest = found.length - SHOWN;
      list.replaceChildren(
        ...found.slice(0, SHOWN).map(([id, person]) => nameButton(id, person)),
        ...(rest > 0 ? [make("p", { class: "xr-note" }, `还有 ${rest} 人，请输入姓名查找。`)] : []),
        ...(found.length ? [] : [make("p", { class: "xr-note" }, "名单里没有这个名字，请核对，或者告诉监考人员。")]),
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
    return make("button", { type: "button", class: "xr-name", onclick: () => ask("enter", { learner: id }) }, label);
  }

  function lookButton() {
    return make("button", { type: "button", class: "xr-button xr-quiet", onclick: () => ask("look") }, "刷新");
  }

  function drawExams({ learner, exams }) {
    return [
      make("h2", { tabindex: "-1" }, `${learner[1]}的考试`),
      make("ul", { class: "xr-exams" }, exams.map(drawExam)),
      make(
        "p",
        { class: "xr-actions" },
        lookButton(),
        make("button", { type: "button", class: "xr-button xr-quiet", onclick: () => ask("leave") }, "不是我，换人"),
      ),
    ];
  }

  function drawExam(exam) {
    return make(
      "li",
      { class: `xr-exam xr-${exam.stage}` },
      make("h3", {}, exam.title),
      make("p", { class: "xr-note" }, exam.about),
      make("p", {}, exam.says),
      ENTER[exam.stage] &&
        make(
          "button",
          { type: "button", class: "xr-button", onclick: () => ask("sit", { paper: exam.paper_id }) },
          ENTER[exam.stage],
        ),
    );
  }

  const stages = { names: drawNames, exams: drawExams, sitting: drawSitting };

  function drawSitting({ done }) {
    const back = { type: "button", class: "xr-button xr-quiet", onclick: () => ask("look") };
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

  model.on("change:view", draw);
  draw();
  return () => {
    model.off("change:view", draw);
    line.close();
  };
}

export default { render };
