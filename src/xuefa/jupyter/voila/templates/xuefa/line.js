// A learner's page in the browser: speaks Jupyter's kernel protocol with Voilà, shows the widgets in their places, and
// says in Chinese when the line or the kernel is gone. It takes the place of JupyterLab's five megabytes of scripts.

const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
const CONTROL = "jupyter.widget.control";
const BEAT_MILLISECONDS = 15000;
const SILENCE_MILLISECONDS = 10000;
const RETRY_MILLISECONDS = [500, 1000, 2000, 4000];

const WORDS = {
  lost: "网络断了，正在重新连接。显示过“已保存”的都已存好；没有显示的，连上以后请再点一次。",
  back: "已经重新连上，可以接着做。",
  gone: "这一页的程序已经停止：可能是服务重新启动过，也可能是离开得太久。显示过“已保存”的都已存好。请点“重新打开”，接着做。",
};

/** A name that nothing else has; `crypto.randomUUID` is missing on plain http in a study room. */
function makeName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- what the page says about the line ------------------------------------------------------------------------------

const notice = document.getElementById("line-notice");

function say(state) {
  document.body.dataset.line = state;
  notice.className = `xuefa-line xuefa-line-${state}`;
  notice.replaceChildren();
  if (!WORDS[state]) return;
  const text = document.createElement("span");
  text.textContent = WORDS[state];
  notice.append(text);
  if (state !== "gone") return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "重新打开";
  button.addEventListener("click", () => location.reload());
  notice.append(button);
}

// ---- the line to the kernel -----------------------------------------------------------------------------------------

const session = makeName();
const models = new Map();
let socket = null;
let control = "";
let tries = 0;
let retry = 0;
let silence = 0;
let ended = false;

function connect() {
  clearTimeout(retry);
  if (ended || socket) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(
    `${scheme}://${location.host}${page.baseUrl}api/kernels/${page.kernelId}/channels?session_id=${session}`,
  );
  socket = opened;
  opened.onopen = () => {
    if (tries) {
      say("back");
      setTimeout(() => document.body.dataset.line === "back" && say("open"), 5000);
    } else say("open");
    tries = 0;
    askForStates();
  };
  opened.onmessage = ({ data }) => {
    clearTimeout(silence);
    silence = 0;
    if (typeof data === "string") hear(JSON.parse(data));
  };
  opened.onclose = () => socket === opened && lose();
}

/** The line is down: say so, find out whether the kernel still lives, and try again. */
function lose() {
  if (ended) return;
  const dropped = socket;
  socket = null;
  dropped?.close();
  clearTimeout(silence);
  silence = 0;
  if (document.body.dataset.line !== "lost") say("lost");
  clearTimeout(retry);
  retry = setTimeout(lookForKernel, RETRY_MILLISECONDS[Math.min(tries, RETRY_MILLISECONDS.length - 1)]);
  tries += 1;
}

async function lookForKernel() {
  try {
    const reply = await fetch(`${page.baseUrl}api/kernels/${page.kernelId}`, { cache: "no-store" });
    if (reply.status === 404) return end();
    if (!reply.ok) throw new Error(`${reply.status}`);
    connect();
  } catch {
    lose();
  }
}

/** The kernel is no more; what it knew of this page cannot come back, what it saved is saved. */
function end() {
  ended = true;
  clearTimeout(retry);
  socket?.close();
  socket = null;
  say("gone");
}

function send(channel, type, content, metadata = {}) {
  if (socket?.readyState !== WebSocket.OPEN) throw new Error("the line is down");
  const header = {
    msg_id: makeName(),
    msg_type: type,
    username: "",
    session,
    version: "5.3",
    date: new Date().toISOString(),
  };
  socket.send(JSON.stringify({ header, parent_header: {}, metadata, content, channel, buffers: [] }));
}

function beat() {
  if (socket?.readyState !== WebSocket.OPEN || silence) return;
  send("control", "kernel_info_request", {});
  silence = setTimeout(lose, SILENCE_MILLISECONDS);
}

setInterval(beat, BEAT_MILLISECONDS);
addEventListener("offline", () => lose());
addEventListener("online", () => (socket ? beat() : lookForKernel()));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
// Another page is opened: this one's kernel has nothing more to do.
addEventListener("pagehide", () => {
  if (ended) return;
  ended = true;
  const form = new FormData();
  form.append("_xsrf", document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "");
  navigator.sendBeacon(`${page.baseUrl}voila/api/shutdown/${page.kernelId}`, form);
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

// ---- widgets --------------------------------------------------------------------------------------------------------

function askForStates() {
  control = makeName();
  send("shell", "comm_open", { comm_id: control, target_name: CONTROL, data: {} }, { version: "1.0.0" });
  send("shell", "comm_msg", { comm_id: control, data: { method: "request_states" } });
}

function hear({ header, content }) {
  if (header.msg_type === "status") {
    if (["restarting", "autorestarting", "dead"].includes(content.execution_state)) end();
  } else if (header.msg_type === "comm_open") {
    if (content.target_name === "jupyter.widget") take(content.comm_id, content.data.state);
  } else if (header.msg_type === "comm_close") {
    models.get(content.comm_id)?.close();
    models.delete(content.comm_id);
  } else if (header.msg_type === "comm_msg") {
    const { method, state, states, content: custom } = content.data;
    if (content.comm_id === control && method === "update_states") {
      for (const [id, one] of Object.entries(states)) take(id, one.state);
      showAll();
    } else if (method === "update") models.get(content.comm_id)?.update(state);
    else if (method === "custom") models.get(content.comm_id)?.emit("msg:custom", custom, []);
  }
}

function take(id, state) {
  if (models.has(id)) models.get(id).update(state);
  else models.set(id, new Model(id, state));
}

/** What a widget's script gets of its model, as anywidget names it (anywidget.dev, “Anywidget Front-End Module”). */
class Model {
  constructor(id, state) {
    this.id = id;
    this.state = state;
    this.listeners = new Map();
    this.closers = [];
  }

  get(name) {
    return this.state[name];
  }

  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(listener);
  }

  off(name, listener) {
    this.listeners.get(name)?.delete(listener);
  }

  emit(name, ...values) {
    for (const listener of [...(this.listeners.get(name) ?? [])]) listener(...values);
  }

  update(state) {
    for (const [name, value] of Object.entries(state)) {
      if (JSON.stringify(this.state[name]) === JSON.stringify(value)) continue;
      this.state[name] = value;
      this.emit(`change:${name}`, this, value);
    }
  }

  send(content) {
    send("shell", "comm_msg", { comm_id: this.id, data: { method: "custom", content } });
  }

  close() {
    for (const close of this.closers.splice(0)) close?.();
  }
}

const scripts = new Map();
const styles = new Set();

function loadScript(text) {
  if (!scripts.has(text)) scripts.set(text, import(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))));
  return scripts.get(text);
}

async function show(id, place) {
  const model = models.get(id);
  if (!model) return;
  const el = document.createElement("div");
  place.replaceChildren(el);
  if (model.get("children")) return showChildren(model, el);
  if (!model.get("_esm")) return;
  const css = model.get("_css");
  if (css && !styles.has(css)) {
    styles.add(css);
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
  }
  const { default: widget } = await loadScript(model.get("_esm"));
  model.closers.push(await widget.render({ model, el }));
}

/** A box: those that stay keep their place and what was typed there. */
function showChildren(model, el) {
  const places = new Map();
  const draw = () => {
    const ids = model.get("children").map((name) => name.replace("IPY_MODEL_", ""));
    for (const [id, place] of places) {
      if (ids.includes(id)) continue;
      models.get(id)?.close();
      place.remove();
      places.delete(id);
    }
    for (const id of ids) {
      if (!places.has(id)) {
        places.set(id, document.createElement("div"));
        show(id, places.get(id));
      }
      el.append(places.get(id));
    }
  };
  model.on("change:children", draw);
  draw();
}

function showAll() {
  for (const place of document.querySelectorAll("[data-model]:empty")) show(place.dataset.model, place);
}

connect();
