// Answers and flags on their way to the disk. 已保存 is said only after the kernel's reply.

const NO_REPLY = "没有收到回应，还没有保存，正在重试。请不要关闭页面。";
const RELOAD =
  "多次没有收到回应，还没有保存。请刷新页面后接着答：没有存上的答案留在本页里，刷新后会再保存。仍不行，请告诉监考人员。";
const SILENCES_BEFORE_RELOAD = 3;
const TYPING_MILLISECONDS = 800;

/** What this tab has not got onto the disk yet, so that a reload loses none of it, by id. */
function openDrafts(key) {
  const memory = openMemory(() => sessionStorage);
  const read = () => {
    try {
      return JSON.parse(memory.read(key) || "{}");
    } catch {
      return {};
    }
  };
  return {
    read,
    holds: (ids) => ids.every((id) => id in read()), // not where the browser lets nothing be kept
    write: (drafts) => memory.write(key, Object.keys(drafts).length ? JSON.stringify(drafts) : ""),
  };
}

/**
 * One request at a time, the newest answer of each question, again until it is there.
 * `drafts` keep {response, revision, sent}, `flagDrafts` whether it is flagged.
 * `revisions` are those on disk as far as this page knows. `onNewer(id, response, refused)` tells of an answer that
 * another page has written, `refused` being this page's own that gave way to it, or null. `onFlags(ids, isMine)` tells
 * what is flagged on disk; where `isMine(id)`, this page's own flag is still on its way.
 */
function openSaving({ line, revisions, drafts, flagDrafts, responseOf, onState, onNewer, onFlags, onReply }) {
  const unsaved = new Map();
  const sent = new Map(); // this page's own answers of which it never heard whether they arrived
  const flags = new Map();
  const seconds = new Map();
  let sending = false;
  let lost = false;
  let silences = 0;
  let closed = false;
  let again = 0;
  let typing = 0;

  function keepDrafts() {
    if (closed) return;
    const describe = ([id, response]) => [id, { response, revision: revisions[id] ?? 0, sent: sent.get(id) ?? [] }];
    drafts.write(Object.fromEntries([...unsaved].map(describe)));
    flagDrafts.write(Object.fromEntries(flags));
  }

  async function ask(name, fields) {
    const reply = await line.ask(name, fields);
    silences = reply ? 0 : silences + 1;
    return reply;
  }

  function sayFailed(reply) {
    const reload = silences >= SILENCES_BEFORE_RELOAD && drafts.holds([...unsaved.keys()]);
    onState({ kind: "failed", fault: reply ? reply.fault : reload ? RELOAD : NO_REPLY });
  }

  function absorb(reply, batch = new Map()) {
    const refused = new Set(reply.refused);
    for (const [id, response] of batch) {
      if (unsaved.get(id) === response || refused.has(id)) unsaved.delete(id);
      sent.delete(id);
    }
    for (const [id, [response, revision]] of Object.entries(reply.newer)) {
      if (unsaved.has(id) && !batch.has(id)) continue; // settled when that change is sent
      revisions[id] = revision;
      if (unsaved.has(id) || response === responseOf(id)) continue;
      onNewer(id, response, refused.has(id) ? responseOf(id) : null);
    }
    onFlags(reply.flagged, (id) => flags.has(id));
    keepDrafts();
  }

  async function flush({ all = false } = {}) {
    if (closed || sending || !(unsaved.size || flags.size || (all && seconds.size))) return;
    sending = true;
    clearTimeout(again);
    clearTimeout(typing);
    const batch = new Map(unsaved);
    const [flagged, spent] = [new Map(flags), new Map(seconds)];
    const before = Object.fromEntries([...batch.keys()].map((id) => [id, [...(sent.get(id) ?? [])]]));
    for (const [id, response] of batch) sent.set(id, [...(sent.get(id) ?? []).slice(-4), response]);
    keepDrafts();
    onState({ kind: "saving" });
    const reply = await ask("save", {
      responses: Object.fromEntries(batch),
      revisions,
      sent: before,
      flagged: Object.fromEntries(flagged),
      seconds: Object.fromEntries(spent),
    });
    sending = false;
    if (reply) onReply(reply);
    if (reply?.ok) {
      for (const [id, flag] of flagged) if (flags.get(id) === flag) flags.delete(id);
      for (const [id, amount] of spent) seconds.set(id, seconds.get(id) - amount);
      absorb(reply, batch);
      if (unsaved.size || flags.size) return flush();
      return onState({ kind: "saved", at: reply.saved_at });
    }
    sayFailed(reply);
    if (!reply) again = setTimeout(flush, 1000);
  }

  const rest = async () => {
    while (sending) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  return {
    put(id, response, { typed = false } = {}) {
      unsaved.set(id, response);
      keepDrafts();
      onState({ kind: "waiting" });
      clearTimeout(typing);
      if (typed) typing = setTimeout(flush, TYPING_MILLISECONDS);
      else flush();
    },
    /** Take up a draft that an earlier visit of this tab left behind. */
    resume(id, draft) {
      unsaved.set(id, draft.response);
      sent.set(id, draft.sent);
      revisions[id] = draft.revision;
    },
    resumeFlag: (id, on) => flags.set(id, on),
    flag: (id, on) => (flags.set(id, on), keepDrafts(), flush()),
    addSeconds: (id, amount) => seconds.set(id, (seconds.get(id) ?? 0) + amount),
    flush,
    /** Ask what another page or kernel has written, and send again what was refused before. */
    async beat() {
      if (sending) return;
      if (unsaved.size || flags.size) await flush();
      const reply = await ask("time", { revisions });
      if (!reply || !reply.ok) {
        lost = true;
        return sayFailed(reply);
      }
      onReply(reply);
      if (!sending) absorb(reply);
      if (lost && !unsaved.size && !sending) onState({ kind: "idle" });
      lost = false;
    },
    /** Send everything now; whether it is all on disk. */
    async settle() {
      await rest();
      await flush({ all: true });
      await rest();
      return unsaved.size === 0;
    },
    unsavedIds: () => [...unsaved.keys()],
    close() {
      closed = true;
      clearTimeout(again);
      clearTimeout(typing);
    },
  };
}
