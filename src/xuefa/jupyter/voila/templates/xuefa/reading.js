// The bar at the head of a page: where one is reading, the size of the type, printing. It runs before the cells come.

(() => {
  const SIZES = [0.9, 1, 1.15, 1.3, 1.5, 1.75];
  const KEY = "xuefa.size";
  const find = (id) => document.getElementById(id);
  let size = 1;
  try {
    size = Number(localStorage.getItem(KEY)) || 1;
  } catch {
    // A private window remembers nothing.
  }

  function setSize(wanted) {
    size = SIZES.includes(wanted) ? wanted : 1;
    document.documentElement.style.setProperty("--size", size);
    find("smaller").disabled = size === SIZES[0];
    find("larger").disabled = size === SIZES.at(-1);
    try {
      localStorage.setItem(KEY, size);
    } catch {
      // The size holds for this page.
    }
  }

  const step = (by) => setSize(SIZES[SIZES.indexOf(size) + by] ?? size);
  find("smaller").addEventListener("click", () => step(-1));
  find("larger").addEventListener("click", () => step(1));
  find("print").addEventListener("click", () => print());
  setSize(size);

  const title = find("reading-place").textContent;
  let due = false;
  function follow() {
    due = false;
    const main = find("rendered_cells");
    if (!main) return;
    const bar = document.querySelector(".xuefa-bar").offsetHeight;
    const room = document.documentElement.scrollHeight - innerHeight;
    const read = room > 0 ? Math.min(100, (scrollY / room) * 100) : 100;
    find("reading-progress").value = read;
    const headings = [...main.querySelectorAll("h2")].filter((one) => one.offsetParent && !one.closest(".xuefa, .xuefa-sheet"));
    // The last sections may be too short ever to reach the bar.
    const passed = read > 99 ? headings : headings.filter((one) => one.getBoundingClientRect().top <= bar + 40);
    const words = passed.at(-1)?.firstChild?.textContent.trim();
    find("reading-place").textContent = words ? `${passed.length}/${headings.length}　${words}` : title;
  }
  const plan = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(follow);
  };
  addEventListener("scroll", plan, { passive: true });
  addEventListener("resize", plan);
  addEventListener("load", plan);

  // A clock that is wrong by a day puts an evening into another month; only the two clocks together can show it.
  const TOLERATED_MILLISECONDS = 10 * 60 * 1000;
  addEventListener("load", () => {
    const server = Date.parse(document.querySelector("[data-server-time]")?.dataset.serverTime ?? "");
    if (!(Math.abs(Date.now() - server) > TOLERATED_MILLISECONDS)) return;
    const words = new Date(server).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "short" });
    find("clock-notice").textContent =
      `服务器的时间（北京时间 ${words}）与这台设备的时间相差很大。学习照常保存，按服务器的时间记；如果服务器的时间不对，请告诉培训人员校对。`;
  });

  // On paper every article stands open where the page first cites it, and closes again afterwards.
  let opened = [];
  addEventListener("beforeprint", () => {
    const printed = new Set();
    for (const one of document.querySelectorAll("#rendered_cells .xuefa-articles details")) {
      const heading = one.querySelector("summary").textContent;
      if (!one.open && !printed.has(heading)) {
        one.open = true;
        opened.push(one);
      }
      printed.add(heading);
    }
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
    opened = [];
  });
})();
