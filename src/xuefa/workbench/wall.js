// 大屏: shows what the kernel says of the open session; text is only ever text, never HTML.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(Boolean));
  return node;
}

function render({ model, el }) {
  const frame = make("section", { class: "xuefa-wall", "aria-label": "大屏" });
  const body = make("div");
  const button = make("button", { type: "button", class: "xw-full", onclick: turn }, "全屏显示");
  frame.append(body, button);
  el.append(frame);

  function draw() {
    const view = model.get("view");
    frame.hidden = !view.title;
    if (view.title) body.replaceChildren(...(view.is_open ? drawOpen(view) : drawClosed(view)));
  }

  function drawOpen(view) {
    return [
      make("h2", {}, view.title),
      make(
        "div",
        { class: "xw-ways" },
        make("img", { src: view.qr, alt: `二维码，内容是网址 ${view.address}` }),
        make(
          "div",
          {},
          make("p", { class: "xw-step" }, "用手机扫码，或者在浏览器里输入网址"),
          make("p", { class: "xw-address" }, view.address),
          make("p", { class: "xw-step" }, "签到码"),
          make("p", { class: "xw-code", "aria-label": `签到码 ${view.code}` }, view.code),
        ),
      ),
      drawCounts(view),
      view.newest.length ? make("p", {}, `刚刚签到：${view.newest.join("、")}`) : null,
      view.fault ? make("p", { class: "xw-fault", role: "alert" }, view.fault) : null,
    ].filter(Boolean);
  }

  function drawClosed(view) {
    return [make("h2", {}, view.title), make("p", { class: "xw-step" }, "已经收场，不再签到。"), drawCounts(view)];
  }

  function drawCounts({ expected, signed_in: signedIn, excused, missing }) {
    const pairs = [
      ["应到", expected],
      ["签到", signedIn],
      ["请假", excused],
      ["未到", missing],
    ];
    return make(
      "dl",
      { class: "xw-counts" },
      pairs.map(([name, count]) => make("div", {}, make("dt", {}, name), make("dd", {}, `${count}`))),
    );
  }

  async function turn() {
    if (document.fullscreenElement) return document.exitFullscreen();
    try {
      await frame.requestFullscreen();
    } catch {
      button.textContent = "这个浏览器不让全屏，请按 F11 键";
    }
  }

  const nameButton = () => {
    button.textContent = document.fullscreenElement === frame ? "退出全屏" : "全屏显示";
  };
  document.addEventListener("fullscreenchange", nameButton);
  model.on("change:view", draw);
  draw();
  return () => {
    document.removeEventListener("fullscreenchange", nameButton);
    model.off("change:view", draw);
  };
}

export default { render };
