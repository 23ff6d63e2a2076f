// 签到: the list of names is searched here; who signed in last on this device comes first.

const REMEMBERED = "xuefa.learner";
const ON_ONES_OWN = "";

function render({ model, el }) {
  const line = openLine(model);
  const name = makeId();
  let chosen = memory.read(REMEMBERED);
  let session = null;
  let sought = "";
  let changing = false;
  let sending = false;
  let lost = false;

  const frame = mount({ model, el, label: "签到", draw });

  function draw(view) {
    const title = make("p", { class: "xuefa-title" }, "签到");
    if (!view.learners.length) return [title, ...drawEmpty(view)];
    if (view.present && !changing) return [title, ...drawPresent(view)];
    return [title, drawForm(view)];
  }

  function drawEmpty(view) {
    return [
      make("p", {}, "花名册里还没有人。请培训人员先导入花名册：", make("code", {}, "xuefa roster import 名册.xlsx")),
      make("p", {}, "只想看看效果，可以打开演示：", make("code", {}, "python3 run.py lab --demo")),
      problemBox(view.problem),
    ];
  }

  function drawPresent(view) {
    const { present } = view;
    return [
      make("p", { tabindex: "-1", class: "xuefa-stem" }, `${present.name}（${present.unit}）`),
      make("p", {}, present.session),
      problemBox(view.problem),
      make(
        "p",
        { class: "xuefa-actions" },
        make("span", { class: "xuefa-saved" }, `${present.again ? "已经签过到" : "签到已保存"} ${present.saved_at}`),
        make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: change }, "换人或换场次"),
      ),
    ];
  }

  function drawForm(view) {
    const known = view.learners.some((learner) => learner.id === chosen);
    if (!known) chosen = "";
    session ??= view.sessions[0]?.id ?? ON_ONES_OWN;
    const button = make(
      "button",
      { type: "submit", class: "xuefa-button", disabled: sending || !chosen },
      sending ? "正在保存…" : "签到",
    );
    const names = make("div", { class: "xuefa-names" });
    const list = () =>
      names.replaceChildren(
        ...found(view).map((learner) =>
          radio({
            group: `${name}-name`,
            checked: learner.id === chosen,
            label: [learner.name, make("small", {}, learner.unit)],
            pick: () => {
              chosen = learner.id;
              button.disabled = sending;
            },
          }),
        ),
      );
    list();
    return make(
      "form",
      { onsubmit: (event) => (event.preventDefault(), signIn()) },
      make(
        "fieldset",
        { disabled: sending },
        make("legend", { tabindex: "-1" }, "选自己的名字"),
        make("input", {
          type: "search",
          class: "xuefa-search",
          "aria-label": "输入姓名或单位查找",
          placeholder: "输入姓名或单位查找",
          value: sought,
          autocomplete: "off",
          oninput: (event) => ((sought = event.target.value), list()),
          onkeydown: (event) => event.key === "Enter" && event.preventDefault(),
        }),
        names,
      ),
      make(
        "fieldset",
        { disabled: sending },
        make("legend", {}, "今天参加"),
        [...view.sessions, { id: ON_ONES_OWN, label: "自学" }].map((choice) =>
          radio({
            group: `${name}-session`,
            checked: choice.id === session,
            label: [choice.label],
            pick: () => (session = choice.id),
          }),
        ),
      ),
      problemBox(view.problem || (lost ? "没有收到回应，还没有签上到。请再点一次“签到”；仍不行，请刷新页面。" : "")),
      make("p", { class: "xuefa-actions" }, button),
    );
  }

  /** Those whose name or unit holds what was typed, the remembered one first. */
  function found(view) {
    const remembered = memory.read(REMEMBERED);
    const fits = view.learners.filter((learner) => `${learner.name} ${learner.unit}`.includes(sought.trim()));
    return fits.sort((one, other) => (other.id === remembered) - (one.id === remembered));
  }

  function radio({ group, checked, label, pick }) {
    const input = make("input", { type: "radio", name: group, checked, onchange: pick });
    return make("label", { class: "xuefa-option" }, input, make("span", {}, ...label));
  }

  function change() {
    changing = true;
    frame.redraw();
    frame.body.querySelector("legend").focus();
  }

  async function signIn() {
    if (sending || !chosen) return;
    sending = true;
    lost = false;
    frame.redraw();
    const heard = await line.ask("sign_in", { learner: chosen, session: session || null });
    sending = false;
    lost = !heard;
    const { present, problem } = model.get("view");
    if (heard && present && !problem) {
      changing = false;
      memory.write(REMEMBERED, chosen);
      frame.say(`${present.name}，签到已保存。`);
    } else frame.say("没有签上到。");
    frame.redraw();
    frame.body.querySelector(".xuefa-stem")?.focus();
  }

  return () => {
    line.close();
    frame.close();
  };
}

export default { render };
