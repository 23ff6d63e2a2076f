// 交卷: what is still unanswered, and what a learner is told afterwards.

/** The question before handing in. `handIn` resolves to "" or to what went wrong; `onPick(id)` goes back to a question. */
function drawConfirm({ progress, handIn, onPick, onBack }) {
  const numbers = (list, lead) =>
    list.length
      ? [
          make("p", {}, lead),
          make("div", { class: "xs-numbers" }, list.map(({ id }) => drawNumber({ progress, id, onPick }))),
        ]
      : null;
  const [missing, marked] = [progress.unanswered(), progress.marked()];
  const problem = make("div");
  const confirm = make("button", { type: "button", class: "xuefa-button", onclick: submit }, "确认交卷");
  const back = make("button", { type: "button", class: "xuefa-button xuefa-quiet", onclick: onBack }, "继续答题");

  async function submit() {
    confirm.disabled = true;
    problem.replaceChildren();
    const fault = await handIn();
    confirm.disabled = false;
    if (fault) problem.replaceChildren(problemBox(fault));
  }

  return make(
    "div",
    { class: "xs-confirm" },
    make("h3", { tabindex: "-1" }, "交卷"),
    missing.length ? null : make("p", {}, "全部题目都已作答。"),
    numbers(missing, `还有 ${missing.length} 题没有作答，点题号可以回去：`),
    numbers(marked, `标记了 ${marked.length} 题，点题号可以再看：`),
    make("p", {}, "交卷以后不能再改。"),
    problem,
    make("p", { class: "xuefa-actions" }, confirm, back),
  );
}

/** On a PC of one's own: the file to pass on, or why it is not there and a button to try again. */
function drawHandInFile({ line, file }) {
  if (file.name) {
    return [
      make("p", {}, "请把交卷文件发给培训人员（U 盘拷贝或发送文件都可以），不要打开改动："),
      make("p", { class: "xs-file" }, make("b", {}, file.name), make("span", {}, `在文件夹 ${file.folder}`)),
    ];
  }
  const problem = make("div", {}, problemBox(file.fault));
  const again = make("button", { type: "button", class: "xuefa-button", onclick: retry }, "再写一次");

  async function retry() {
    again.disabled = true;
    const reply = await line.ask("pack");
    again.disabled = false;
    if (!reply) problem.replaceChildren(problemBox("没有收到回应，请再点一次；仍不行，请刷新页面。"));
  }

  return [make("p", {}, "答卷已经交上，没有丢，只是交卷文件没有写成。"), problem, make("p", {}, again)];
}

function drawHandedIn({ model, line, frame }) {
  const page = model.get("page");
  const how = page.handed_in_by === "time" ? "答题时间到，答卷已自动交上" : "答卷已交上";
  return make(
    "div",
    {},
    make("h2", { tabindex: "-1" }, "已交卷"),
    make("p", {}, `${page.learner[1]}，${how}（${page.handed_in_at}）。`),
    make("p", {}, "回执码：", make("b", { class: "xs-receipt" }, page.receipt), "。请记下来，核对答卷时要用。"),
    frame.unsavedNumbers.length
      ? problemBox(`第 ${frame.unsavedNumbers.join("、")} 题最后的改动在交卷以前没有存上，答卷里是较早保存的答案。`)
      : null,
    page.file ? drawHandInFile({ line, file: page.file }) : null,
    make("p", {}, `作答 ${page.answered} 题，共 ${page.total} 题。成绩由培训人员阅卷后公布。`),
    page.advice ? make("p", {}, page.advice) : null,
    page.advice || page.file?.fault ? null : make("p", {}, "现在可以关闭页面。"),
  );
}
