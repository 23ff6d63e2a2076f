// One question as real HTML controls. What is picked goes to `onAnswer`; `show` shows what was written elsewhere.

const KINDS = { single: "单选", multiple: "多选", judge: "判断", essay: "论述" };
const MAX_ESSAY_CHARACTERS = 20000;

function formatPoints(points) {
  return String(Math.round(points * 100) / 100);
}

/** Text pasted from elsewhere may hold invisible control characters, which the kernel refuses. */
function withoutControls(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f]/g, "");
}

/** Whether a response fits a question; the paper may have been set anew under the same number. */
function fitsQuestion(question, response) {
  const letters = question.options.map(([letter]) => letter);
  return question.kind === "essay" || [...response].every((letter) => letters.includes(letter));
}

function drawOptions({ question, name, response, showsLetters, onAnswer }) {
  const type = question.kind === "multiple" ? "checkbox" : "radio";
  const chosen = () => inputs.filter((one) => one.checked).map((one) => one.value);
  const onchange = () => onAnswer(chosen().sort().join(""));
  const inputs = question.options.map(([letter]) =>
    make("input", { type, name, value: letter, checked: response.includes(letter), onchange }),
  );
  const labels = question.options.map(([letter, text], index) => {
    const mark = showsLetters ? make("span", { class: "xs-letter" }, `${letter}．`) : null;
    return make("label", { class: "xuefa-option" }, inputs[index], mark, make("span", { class: "xs-text" }, text));
  });
  const show = (newer) => inputs.forEach((one) => (one.checked = newer.includes(one.value)));
  return { nodes: labels, show };
}

function drawEssay({ labelId, response, onAnswer, onLeave }) {
  const length = make("p", { class: "xuefa-note" });
  const area = make("textarea", {
    rows: 12,
    maxlength: MAX_ESSAY_CHARACTERS,
    "aria-labelledby": labelId,
    placeholder: "在这里作答",
    oninput: () => (showLength(), onAnswer(withoutControls(area.value), { typed: true })),
    onblur: onLeave,
  });
  const showLength = () => (length.textContent = `${area.value.replace(/\s/g, "").length} 字`);
  const show = (newer) => ((area.value = newer), showLength());
  show(response);
  return { nodes: [area, length], show };
}

/** The question's node, with its story if it has one, and `show`. */
function drawQuestion({ question, number, idOf, response, showsLetters, onAnswer, onLeave }) {
  const labelId = idOf(`${question.id}-stem`);
  const points = `（${KINDS[question.kind]}，${formatPoints(question.points)} 分）`;
  const field =
    question.kind === "essay"
      ? drawEssay({ labelId, response, onAnswer, onLeave })
      : drawOptions({ question, name: idOf(question.id), response, showsLetters, onAnswer });
  const node = make(
    "div",
    { hidden: true },
    question.story ? make("p", { class: "xs-story" }, make("b", {}, "案情　"), question.story) : null,
    make(
      "fieldset",
      { class: "xs-question" },
      make("legend", { id: labelId, tabindex: "-1" }, `${number}．${question.stem}`, make("span", { class: "xuefa-note" }, points)),
      field.nodes,
    ),
  );
  return { node, show: field.show };
}
