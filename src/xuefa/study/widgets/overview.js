// 首页: the year so far of the one who is signed in; everything comes with the view.

function render({ model, el }) {
  const frame = mount({ model, el, label: "我的学习", draw });

  function draw(view) {
    if (!view.learner) return [make("p", { class: "xuefa-hint" }, "签到以后，这里显示自己的学时、答题和考试。")];
    return [
      make("p", { class: "xuefa-title" }, `${view.learner}的学习`),
      problemBox(view.problem),
      drawTiles(view),
      ...drawExams(view.exams),
      make("p", { class: "xuefa-label" }, "全年十二课"),
      drawMonths(view.months),
      make("p", { class: "xuefa-label" }, "各部法律法规答题正确率"),
      drawLaws(view.laws),
    ];
  }

  function drawTiles({ hours, review }) {
    const target = hours.target ? `要求 ${hours.target} 学时` : `集中学习 ${hours.attended} 次`;
    const rate = hours.expected ? `${Math.round((100 * hours.came) / hours.expected)}%` : "—";
    const due = review.due
      ? `其中上次答错的 ${review.wrong} 题，在下面“回头看”里做`
      : review.later
        ? `以后还有 ${review.later} 题要回头看`
        : "没有要回头看的题";
    return make(
      "div",
      { class: "xuefa-tiles" },
      tile("今天回头看", `${review.due} 题`, review.exam ? `${due}。按 ${review.exam}的考试安排` : due),
      tile("我的学时", hours.hours, target),
      tile("参学率", rate, hours.expected ? `应到 ${hours.expected} 次，实到 ${hours.came} 次；要求 ${hours.attendance_target}%` : "还没有应到的学习"),
    );
  }

  function tile(name, value, note) {
    return make(
      "div",
      { class: "xuefa-tile" },
      make("p", { class: "xuefa-note" }, name),
      make("p", { class: "xuefa-value" }, value),
      make("p", { class: "xuefa-note" }, note),
    );
  }

  function drawExams(exams) {
    if (!exams.length) return [];
    return [
      make("p", { class: "xuefa-label" }, "我的考试"),
      make(
        "ul",
        { class: "xuefa-exams" },
        exams.map((exam) =>
          make(
            "li",
            {},
            make("span", {}, exam.can_enter ? make("a", { href: "exam.ipynb" }, exam.title) : exam.title),
            make("span", { class: "xuefa-note" }, `${exam.day}　${exam.says}`),
          ),
        ),
      ),
    ];
  }

  function drawMonths(months) {
    return make("ol", { class: "xuefa-glance" }, months.map((one) => make("li", { class: one.now ? "xuefa-now" : null }, drawMonth(one))));
  }

  function drawMonth(one) {
    const done = [one.quiz ? "✓ 测验" : null, one.reflection ? "✓ 心得" : null].filter(Boolean);
    const open = one.begun && !one.quiz ? "测验没做完" : done.length ? "" : one.page ? "还没有学" : "筹备中";
    const parts = [
      make("strong", {}, `${one.month} 月${one.now ? "（本月）" : ""}`),
      make("span", { class: "xuefa-name" }, one.title),
      done.length ? make("span", { class: "xuefa-done" }, done.join(" ")) : null,
      open ? make("span", { class: "xuefa-note" }, open) : null,
    ];
    return one.page ? make("a", { href: one.page }, parts) : make("div", {}, parts);
  }

  function drawLaws(laws) {
    if (!laws.length) return make("p", { class: "xuefa-note" }, "还没有答过题。");
    return make(
      "ul",
      { class: "xuefa-bars" },
      laws.map((law) =>
        make(
          "li",
          { class: law.below ? "xuefa-below" : null },
          make("span", {}, law.name),
          make("span", { class: "xuefa-share", "aria-hidden": "true" }, make("i", { style: `width: ${law.percent}%` })),
          make("span", {}, `${law.percent}%（${law.right}/${law.total}）`, law.below ? "　未达要求" : null),
        ),
      ),
    );
  }

  return () => frame.close();
}

export default { render };
