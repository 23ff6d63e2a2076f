// 签到: the list of names is searched here; the kernel checks the PIN and the code and says who is signed in.

const REMEMBERED = "xuefa.learner";
const TICKET = "xuefa.ticket";
const SESSION = "xuefa.session";
const OFFERED = "xuefa.offered";
const LEFT = "xuefa.left";
const ON_ONES_OWN = "";
const LOOK_MILLISECONDS = 10000;

/** What this tab remembers until it is closed; where it may not remember anything, one gives the PIN again. */
const tab = openMemory(() => sessionStorage);

/** Whether the person's name or unit holds what was typed, or the letters are initials of characters in a row. */
function fits(learner, sought) {
  if (`${learner.name} ${learner.unit}`.includes(sought)) return true;
  const letters = [...sought.toLowerCase().replace(/['’\s]/g, "")]; // a Chinese keyboard puts z'x while one types
  const starts = learner.initials.map((_, index) => index);
  return starts.some((start) => letters.every((letter, index) => learner.initials[start + index]?.includes(letter)));
}

function render({ model, el }) {
  const line = openLine(model);
  const name = makeId();
  const secrets = { pin: "", again: "", code: "" };
  let chosen = memory.read(REMEMBERED);
  let session = null;
  let isPicked = false;
  let sought = "";
  let sending = false;
  let lost = false;
  let resuming = canResume();

  const frame = mount({ model, el, label: "签到", draw });
  const keepTicket = (content) => "ticket" in content && tab.write(TICKET, content.ticket);
  model.on("msg:custom", keepTicket);
  resume();

  // A page is often open before its session is, and stays open when the day is over.
  const lookout = setInterval(look, LOOK_MILLISECONDS);
  document.addEventListener("visibilitychange", look);
  const leaveToo = (event) => event.key === LEFT && event.newValue && model.get("view").present && leave();
  addEventListener("storage", leaveToo);

  function draw(view) {
    const title = make("p", { class: "xuefa-title" }, "签到");
    if (!view.learners.length) return [title, ...drawEmpty(view)];
    if (view.present) return [title, ...drawPresent(view)];
    if (resuming) return [title, make("p", { class: "xuefa-hint" }, "正在接着上一页签到……")];
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
      unseen(view).filter((one) => one.label !== present.session).map((one) => make("p", { class: "xuefa-hint" }, `${one.label}已经开场；要参加，请点“换人或换场次”。`)),
      problemBox(view.problem || (lost ? "没有收到回应，还没有退出。请再点一次；仍不行，请关掉页面。" : "")),
      make(
        "p",
        { class: "xuefa-actions" },
        make("span", { class: "xuefa-saved" }, `${present.again ? "已经签过到" : "签到已保存"} ${present.saved_at}`),
        make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: signOut }, "换人或换场次"),
      ),
    ];
  }

  function drawForm(view) {
    const learner = view.learners.find((one) => one.id === chosen);
    if (!learner) chosen = "";
    if (!isPicked || (session !== ON_ONES_OWN && !view.sessions.some((one) => one.id === session))) {
      isPicked = false;
      session = propose(view);
    }
    const names = make("div", { class: "xuefa-names" });
    const list = () => {
      const found = search(view);
      names.replaceChildren(
        ...found.map((one) =>
          radio({
            group: `${name}-name`,
            checked: one.id === chosen,
            label: [one.name, make("small", {}, one.unit)],
            pick: () => choose({ learner: one.id }),
          }),
        ),
        ...(found.length ? [] : [make("p", { class: "xuefa-hint" }, "名册里没有找到，请核对，或者告诉培训人员。")]),
      );
    };
    list();
    return make(
      "form",
      { onsubmit: (event) => (event.preventDefault(), signIn(view)), autocomplete: "off" },
      make(
        "fieldset",
        { disabled: sending },
        make("legend", { tabindex: "-1" }, "选自己的名字"),
        make("input", {
          type: "search",
          name: `${name}-search`,
          class: "xuefa-search",
          "aria-label": "输入姓名、拼音首字母或单位查找",
          placeholder: "输入姓名、拼音首字母或单位查找",
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
            pick: () => ((isPicked = true), choose({ attended: choice.id })),
          }),
        ),
      ),
      learner ? drawSecrets(learner) : null,
      problemBox(view.problem || (lost ? "没有收到回应，还没有签上到。请再点一次“签到”；仍不行，请刷新页面。" : "")),
      make(
        "p",
        { class: "xuefa-actions" },
        make(
          "button",
          { type: "submit", class: "xuefa-button", disabled: sending || !chosen },
          sending ? "正在保存…" : "签到",
        ),
      ),
    );
  }

  /** The PIN of that learner, twice if it is the first time, and the code of the session. */
  function drawSecrets(learner) {
    return make(
      "fieldset",
      { disabled: sending },
      make("legend", {}, learner.pin_set_at ? `${learner.name}的密码` : "第一次签到，请给自己设一个密码"),
      secretField("pin", { label: "密码", hint: learner.pin_set_at ? "" : "4 至 6 位数字，记住它，不要告诉别人", hidden: true }),
      learner.pin_set_at ? null : secretField("again", { label: "再输一次密码", hidden: true }),
      session === ON_ONES_OWN ? null : secretField("code", { label: "签到码", hint: "会场上公布的 6 位数字" }),
      learner.pin_set_at
        ? make(
            "p",
            { class: "xuefa-hint" },
            `密码是 ${learner.pin_set_at} 设的。忘了，或者不是你设的，请找培训人员重设。`,
          )
        : make("p", { class: "xuefa-hint" }, "如果你以前设过密码，却看到这一段，请告诉培训人员。"),
    );
  }

  function secretField(key, { label, hint = "", hidden = false }) {
    return make(
      "label",
      { class: "xuefa-secret" },
      make("span", {}, label, hint ? make("small", {}, hint) : null),
      make("input", {
        type: hidden ? "password" : "text",
        name: `${name}-${key}`,
        inputmode: "numeric",
        autocomplete: "off",
        maxlength: 6,
        value: secrets[key],
        oninput: (event) => (secrets[key] = event.target.value.trim()),
      }),
    );
  }

  /** The session that is likely meant: one where the chosen person is expected, else the first. */
  function propose({ sessions }) {
    return (sessions.find((one) => one.expected.includes(chosen)) ?? sessions[0])?.id ?? ON_ONES_OWN;
  }

  /** The sessions opened since this tab signed in. */
  function unseen({ sessions }) {
    const offered = tab.read(OFFERED).split(" ");
    return sessions.filter((one) => !offered.includes(one.id));
  }

  /** Those who fit what was typed, the one who signed in last on this device first. */
  function search(view) {
    const remembered = memory.read(REMEMBERED);
    return view.learners
      .filter((learner) => fits(learner, sought.trim()))
      .sort((one, other) => (other.id === remembered) - (one.id === remembered));
  }

  function radio({ group, checked, label, pick }) {
    const input = make("input", { type: "radio", name: group, checked, onchange: pick });
    return make("label", { class: "xuefa-option" }, input, make("span", {}, ...label));
  }

  /** Another name or session asks for other things below; the list stays where it was scrolled to. */
  function choose({ learner = chosen, attended = session }) {
    if (learner !== chosen) Object.assign(secrets, { pin: "", again: "" });
    [chosen, session] = [learner, attended];
    const [group, scrolled] = [document.activeElement?.name, frame.body.querySelector(".xuefa-names").scrollTop];
    frame.redraw();
    frame.body.querySelector(".xuefa-names").scrollTop = scrolled;
    frame.body.querySelector(`input[name="${group}"]:checked`)?.focus({ preventScroll: true });
  }

  async function look() {
    if (document.hidden || sending || resuming || !model.get("view").learners.length) return;
    const wasPresent = Boolean(model.get("view").present);
    const held = frame.body.contains(document.activeElement) ? document.activeElement.name : "";
    await line.ask("look");
    if (wasPresent && !model.get("view").present && tab.read(TICKET)) {
      resuming = true;
      resume();
    } else if (held && document.activeElement === document.body) focusOn(held);
  }

  /** Where one was before the card was drawn anew. */
  function focusOn(held) {
    const fields = [...frame.body.querySelectorAll(`input[name="${held}"]`)];
    const field = fields.find((one) => one.type !== "radio" || one.checked);
    field?.focus({ preventScroll: true });
    if (field && field.type !== "radio") field.setSelectionRange(field.value.length, field.value.length);
  }

  /** The other tabs of this browser end with this one: the next person may find them. */
  async function signOut() {
    memory.write(LEFT, makeId());
    await leave();
  }

  async function leave() {
    for (const key of [TICKET, SESSION, OFFERED]) tab.write(key, "");
    Object.assign(secrets, { pin: "", again: "", code: "" });
    [sought, isPicked] = ["", false];
    frame.say("");
    lost = !(await line.ask("leave"));
    frame.redraw();
    frame.body.querySelector("legend")?.focus();
  }

  /** Whoever signed in on an earlier page of this tab is not asked again, unless another session was opened since. */
  function canResume() {
    const view = model.get("view");
    return !view.present && tab.read(TICKET) !== "" && !unseen(view).length;
  }

  async function resume() {
    if (!resuming) return;
    await line.ask("resume", { ticket: tab.read(TICKET), session: tab.read(SESSION) || null });
    resuming = false;
    frame.redraw();
  }

  async function signIn(view) {
    if (sending || !chosen) return;
    const first = !view.learners.find((one) => one.id === chosen)?.pin_set_at;
    sending = true;
    lost = false;
    frame.redraw();
    const heard = await line.ask("sign_in", {
      learner: chosen,
      session: session || null,
      pin: secrets.pin,
      again: first ? secrets.again : "",
      code: session ? secrets.code : "",
    });
    sending = false;
    lost = !heard;
    const { present, problem } = model.get("view");
    if (heard && present && !problem) {
      memory.write(REMEMBERED, chosen);
      tab.write(SESSION, session);
      tab.write(OFFERED, view.sessions.map((one) => one.id).join(" "));
      Object.assign(secrets, { pin: "", again: "", code: "" });
      frame.say(`${present.name}，签到已保存。`);
    } else {
      Object.assign(secrets, { pin: "", again: "" });
      frame.say("没有签上到。");
    }
    frame.redraw();
    frame.body.querySelector(present ? ".xuefa-stem" : ".xuefa-secret input")?.focus();
  }

  return () => {
    clearInterval(lookout);
    document.removeEventListener("visibilitychange", look);
    removeEventListener("storage", leaveToo);
    model.off("msg:custom", keepTicket);
    line.close();
    frame.close();
  };
}

export default { render };
