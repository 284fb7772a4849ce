// One answer at a time. A mark is sent when it is given; until it stands in the gradebook it is kept
// here, in the window's own storage, and what was not taken is sent again with the next one.

const articles = [...document.querySelectorAll("article")];
const byId = new Map(articles.map((article) => [article.dataset.id, article]));
const done = document.querySelector("#done");
const keyboard = !matchMedia("(pointer: coarse)").matches;
let current = 0;

const form = (article) => article.querySelector("form");
const graded = (article) => "graded" in article.dataset;
const waiting = () => Object.keys(sessionStorage).filter((id) => byId.has(id));

function values(article) {
  const { points, comment } = form(article);
  return { id: article.dataset.id, points: points.valueAsNumber, comment: comment.value };
}

function say(place, text) {
  document.querySelector(place).textContent = text;
}

function count() {
  const ready = articles.filter(graded).length;
  const text = `${ready} of ${articles.length} graded`;
  say("#progress", text);
  return text;
}

function show(at) {
  current = at;
  const article = articles[at];
  done.hidden = true;
  for (const one of articles) one.hidden = one !== article;
  for (const one of document.querySelectorAll("details[data-question]"))
    one.hidden = one.dataset.question !== article.dataset.question;
  for (const [to, there] of [["previous", at - 1], ["next", at + 1]])
    document.querySelector(`[data-to=${to}]`).disabled = !articles[there];
  // On a phone the points would bring up a keyboard that covers the answer.
  const place = keyboard ? form(article).points : article.querySelector("h2");
  place.focus({ preventScroll: true });
  if (keyboard) place.select();
  scrollTo(0, 0);
}

function go(to) {
  if (to !== "open") {
    const there = current + (to === "next" ? 1 : -1);
    if (articles[there]) show(there);
    return;
  }
  const order = [...articles.slice(current + 1), ...articles.slice(0, current + 1)];
  const next = order.find((article) => !graded(article));
  if (next) show(articles.indexOf(next));
  else finish();
}

function finish() {
  for (const one of articles) one.hidden = true;
  done.hidden = false;
  done.querySelector("h2").focus();
  scrollTo(0, 0);
}

// Is the mark in the gradebook now? What is being sent is not sent twice.
async function save(article) {
  const mark = values(article);
  const text = JSON.stringify(mark);
  if (!form(article).checkValidity()) return false;
  if (article.saved === text) return true;
  sessionStorage.setItem(mark.id, text);
  article.turn = (article.turn ?? Promise.resolve()).then(() => send(article, text));
  return article.turn;
}

async function send(article, text) {
  const { id, points } = JSON.parse(text);
  if (article.saved === text) return true;
  try {
    const answer = await fetch("mark", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: text,
      signal: AbortSignal.timeout(60_000),
    });
    if (!answer.ok) throw new Error(await answer.text());
    const { saved } = await answer.json();
    article.saved = text;
    article.dataset.graded = "";
    if (sessionStorage.getItem(id) === text) sessionStorage.removeItem(id);
    say("#alert", "");
    say("#status", `Saved: ${saved}. ${count()}.`);
    return true;
  } catch (error) {
    delete article.dataset.graded;
    const reason =
      error instanceof TypeError || error.name === "TimeoutError"
        ? "backpass review does not answer. Is it still running?"
        : error.message;
    say("#status", "");
    say("#alert", `Not saved, ${points} points: ${reason} They stay here; save again to send them.`);
    count();
    return false;
  }
}

// What an earlier failure left behind.
async function catchUp() {
  for (const id of waiting()) if (!(await save(byId.get(id)))) return;
}

function restore() {
  for (const id of waiting()) {
    const { points, comment } = JSON.parse(sessionStorage.getItem(id));
    const fields = form(byId.get(id));
    fields.points.value = points ?? "";
    fields.comment.value = comment;
  }
}

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const article = event.target.closest("article");
  if (!(await save(article))) return;
  if (articles[current] === article) go("open");
  catchUp();
});

document.addEventListener("change", (event) => {
  const article = event.target.closest("article");
  if (article) save(article);
});

document.addEventListener("click", (event) => {
  const { to } = event.target.closest("button")?.dataset ?? {};
  if (to) go(to);
});

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (target.name === "comment" && key === "Enter" && (event.ctrlKey || event.metaKey))
    target.form.requestSubmit();
  // In a number no letter means anything else.
  if (target.name !== "points" || event.ctrlKey || event.metaKey || event.altKey) return;
  const to = { n: "next", p: "previous", u: "open", c: "comment" }[key];
  if (!to) return;
  event.preventDefault();
  if (to === "comment") target.form.comment.focus();
  else go(to);
});

// The browser asks before it closes a page with marks that are saved nowhere.
addEventListener("beforeunload", (event) => {
  if (waiting().length) event.preventDefault();
});

if (articles.length) {
  for (const article of articles) if (graded(article)) article.saved = JSON.stringify(values(article));
  restore();
  count();
  document.querySelector("nav").hidden = false;
  if (!matchMedia("(min-width: 60rem)").matches)
    for (const one of document.querySelectorAll("details[open]")) one.open = false;
  const first = articles.findIndex((article) => !graded(article));
  if (first < 0) finish();
  else show(first);
  catchUp();
}
