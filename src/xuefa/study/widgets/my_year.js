// 我的一年: opened when asked for, so that the page stays quick; the Word file comes as bytes.

const SILENT = "没有收到回应，请再点一次；仍不行，请刷新页面。";

function render({ model, el }) {
  const line = openLine(model);
  let sending = false;
  let lost = false;
  const frame = mount({ model, el, label: "我的一年", draw });

  function draw(view) {
    const title = make("p", { class: "xuefa-title", tabindex: "-1" }, view.year ? `${view.year} 年，我的一年` : "我的一年");
    if (!view.learner) return [make("p", { class: "xuefa-hint" }, "签到以后，这里可以看自己一年的学习，并下载成文档。")];
    const problem = problemBox(view.problem || (lost ? SILENT : ""));
    if (!view.year)
      return [
        title,
        make("p", {}, "参加了哪些学习、答了多少题、写了什么、考了几分。这里只有本人的记录。"),
        problem,
        actions(button("看我的一年", () => ask("open"))),
      ];
    return [
      title,
      drawYears(view),
      make("p", { class: "xuefa-label" }, "参加学习"),
      make("p", {}, view.attendance),
      view.sessions.length
        ? details(`参加的 ${view.sessions.length} 次学习`, make("ul", {}, view.sessions.map((one) => make("li", {}, one.join("　")))))
        : null,
      make("p", { class: "xuefa-label" }, "答题"),
      make("p", {}, view.answers),
      make("p", { class: "xuefa-label" }, "考试"),
      view.results.length ? make("ul", {}, view.results.map((one) => make("li", {}, one))) : make("p", {}, "没有已发回的成绩。"),
      make("p", { class: "xuefa-label" }, "心得体会和研讨材料"),
      view.writings.length ? null : make("p", {}, "没有提交过。"),
      view.writings.map((one) => details(one.head, make("p", { class: "xuefa-text" }, one.text))),
      problem,
      actions(
        button("下载文档", () => ask("file").then((heard) => heard && frame.say("文件已经交给浏览器下载。"))),
        make("span", { class: "xuefa-note" }, "可作本人年度述法的材料。"),
      ),
    ].flat();
  }

  function drawYears({ years, year }) {
    if (years.length < 2) return null;
    return actions(
      years.map((one) =>
        make(
          "button",
          {
            type: "button",
            class: "xuefa-button xuefa-quiet",
            "aria-pressed": `${one === year}`,
            disabled: sending,
            onclick: () => ask("open", { year: one }),
          },
          `${one} 年`,
        ),
      ),
    );
  }

  function details(head, body) {
    return make("details", { class: "xuefa-article" }, make("summary", {}, head), body);
  }

  function button(text, onclick) {
    return make("button", { type: "button", class: "xuefa-button", disabled: sending, onclick }, text);
  }

  function actions(...parts) {
    return make("p", { class: "xuefa-actions" }, parts);
  }

  async function ask(request, fields = {}) {
    sending = true;
    lost = false;
    frame.redraw();
    const heard = await line.ask(request, fields);
    sending = false;
    lost = !heard;
    frame.redraw();
    if (request === "open") frame.body.querySelector(".xuefa-title")?.focus();
    return heard;
  }

  return () => {
    line.close();
    frame.close();
  };
}

export default { render };
