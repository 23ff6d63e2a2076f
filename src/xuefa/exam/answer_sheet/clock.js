// The time that is left, as the kernel tells it. Between two replies the page counts on by itself.

const WARNINGS = [
  { until: 60, text: "还剩不到 1 分钟，时间到了自动交卷。" },
  { until: 600, text: "还剩不到 10 分钟。" },
];
const WARNING_SECONDS = 60;

function formatTime(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** Counts by `performance`, because the page's own clock may be set meanwhile; calls `onEnd` every second once it is 0. */
function openClock({ onEnd }) {
  const time = make("span", { class: "xs-clock", role: "timer", "aria-label": "剩余时间" });
  const warning = make("p", { class: "xs-warning", role: "alert", hidden: true });
  let endsAt = null;

  function tick() {
    if (endsAt === null) return;
    const seconds = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
    const due = WARNINGS.find(({ until }) => seconds <= until && seconds > until - WARNING_SECONDS);
    const text = seconds ? (due?.text ?? "") : "答题时间到。";
    time.textContent = `剩余 ${formatTime(seconds)}`;
    time.classList.toggle("xs-late", seconds <= WARNINGS.at(-1).until);
    if (warning.textContent !== text) warning.textContent = text;
    warning.hidden = !text;
    if (seconds === 0) onEnd();
  }

  return {
    time,
    warning,
    tick,
    set(seconds) {
      endsAt = performance.now() + seconds * 1000;
      tick();
    },
  };
}
