// The front end of an explorer, live in Jupyter and recorded in the book.
//
// Both lives take up a figure that already shows one state, as recording.py writes it:
//
//   <figure class="explorer" id="ID">
//     <div class="picture">
//       <svg role="img" ...><defs/><g class="background"/><g class="layer"/></svg>
//     </div>
//     <figcaption id="ID-sentence" aria-live="polite">the sentence</figcaption>
//   </figure>
//
// and put a <form> of native inputs after the picture (none, if there are no controls), and into
// <div class="tools">, which a page may have before the sentence, a button that resets them.
// A state is then two assignments: the markup of the layer and the text of the sentence.
//
// Live, anywidget calls render(). Recorded, the figure's data-controls has, as JSON, title, controls
// and note of the dict of Explorer.recording(). The page calls prepare(figure), which puts the form
// in, and when the states are there replay(figure, packed), where packed is recording.py's pack() of
// that dict, once per figure. A page opened from disk can load classic scripts only: to make
// one, replace the last line by `globalThis.backpassExplorer = { prepare, replay };` and put the
// whole in `(() => { ... })();`.

const PREFIX = "bp-id"; // what ids in live markup begin with, until each view puts its own

/** Put the form and the way back to the start into a figure. `ask(places)` is called with the chosen
 *  value of each control, as its place among the control's values, whenever it changes; `busy()`
 *  tells whether an earlier state is still awaited. Returns functions that change the figure.
 *
 *  For the page around it `figure.explorer` has `controls`, `places()` and `go(places)`, and `ready`
 *  where all states are there; the figure sends an event, "explorer", when it has them and after each
 *  change but those of playing. */
function build(figure, { title, controls, note }, ask, busy = () => false) {
  const layer = figure.querySelector("g.layer");
  const caption = figure.querySelector("figcaption");
  const start = controls.map(({ initial }) => initial);
  const rows = controls.map((control) => row(figure.id, control));
  const places = () => rows.map((one) => one.place());
  const reset = button("reset", `Reset: ${title}`, "Reset");
  const mark = () => {
    reset.hidden = places().every((place, i) => place === start[i]);
  };
  const go = (index) => {
    rows.forEach((one, i) => one.set(index[i]));
    mark();
    ask(places());
  };
  const tell = () => figure.dispatchEvent(new CustomEvent("explorer", { bubbles: true }));
  const players = rows.flatMap((one, i) => {
    if (!controls[i].interval) return [];
    const step = (place) => go(places().map((old, j) => (j === i ? place : old)));
    return [player(figure, one, controls[i], step, busy, tell)];
  });
  const stop = () => players.forEach((one) => one.stop());
  figure.explorer = { controls, places, go };

  if (rows.length) {
    const form = make("form", { "aria-label": `Controls: ${title}` }, rows.map((one) => one.element));
    // Half a row has room for a menu of about thirty letters.
    const long = controls.some(({ kind, texts }) => kind === "choice" && longest(texts) > 32);
    form.classList.toggle("pairs", rows.length > 1 && !long);
    if (note) form.append(make("p", { class: "note" }, [note]));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("pointerdown", ({ target }) => target.closest("input, select") && stop());
    form.addEventListener("input", () => {
      stop();
      for (const one of rows) one.say();
      mark();
      ask(places());
      tell();
    });
    reset.addEventListener("click", () => {
      stop();
      go(start);
      form.querySelector("input, select").focus(); // this button goes
      tell();
    });
    figure.querySelector(".picture").after(form);
    if (!figure.querySelector(".tools")) form.after(make("div", { class: "tools" }));
    figure.querySelector(".tools").prepend(reset);
    mark();
  }
  return {
    show(markup, sentence) {
      layer.innerHTML = markup;
      caption.textContent = sentence;
    },
    set(index, texts) {
      rows.forEach((one, i) => one.set(index[i], texts[i]));
      mark();
    },
  };
}

const longest = (texts) => Math.max(...texts.map((text) => text.length));

/** One control: label, native input and, for a slider, its value in words. */
function row(prefix, { name, label, kind, values, texts, initial }) {
  const id = `${prefix}-${name}`;
  const output = make("output", { for: id, "aria-hidden": "true" });
  let input;
  if (kind === "choice") {
    input = make("select", { id, name }, texts.map((text) => make("option", {}, [text])));
  } else if (kind === "checkbox") {
    input = make("input", { id, name, type: "checkbox" });
  } else {
    input = make("input", { id, name, type: "range", min: 0, max: values.length - 1, step: 1 });
    output.style.minWidth = `${longest(texts)}ch`;
    keep(input);
  }
  // Or a reload would put the input where it was, and the picture where it starts.
  input.autocomplete = "off";
  input.disabled = values.length < 2;
  const place = () =>
    kind === "slider" ? +input.value
    : kind === "choice" ? input.selectedIndex
    : values.indexOf(input.checked);
  const say = (text = texts[place()]) => {
    if (kind !== "slider") return;
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  const set = (index, text) => {
    if (kind === "slider") input.value = index;
    else if (kind === "choice") input.selectedIndex = index;
    else input.checked = values[index];
    say(text);
  };
  set(initial);
  const field = kind === "slider" ? make("span", { class: "track" }, [input]) : input;
  const parts = [make("label", { for: id }, [label]), field];
  if (kind === "slider") parts.push(output);
  return { element: make("div", { class: `control ${kind}` }, parts), input, place, say, set };
}

/** A finger that starts on a slider and goes on to scroll the page leaves the slider as it was. */
function keep(slider) {
  let value;
  slider.addEventListener("pointerdown", () => {
    value = slider.value;
  });
  slider.addEventListener("pointercancel", () => {
    if (slider.value === value) return;
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

const ICONS = {
  back: "M3 2h2v12H3zM13 2v12L6 8z",
  play: "M4 1l10 7-10 7z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forward: "M11 2h2v12h-2zM3 2l7 6-7 6z",
};

/** Back, play and forward, around a slider whose values are steps. Playing ends at the last step,
 *  when the figure leaves the view, and where the reader wants less motion. */
function player(figure, { input, place }, { label, values, interval }, step, busy, tell) {
  const last = values.length - 1;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const caption = figure.querySelector("figcaption");
  let timer = null;
  const show = (playing) => {
    play.setAttribute("aria-label", `${playing ? "Pause" : "Play"}: ${label}`);
    play.querySelector("path").setAttribute("d", playing ? ICONS.pause : ICONS.play);
    caption.setAttribute("aria-live", playing ? "off" : "polite"); // nobody listens that fast
  };
  const stop = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    view.disconnect();
    show(false);
    tell();
  };
  const view = new IntersectionObserver((entries) => {
    if (!entries.at(-1).isIntersecting) stop();
  });
  const tick = () => {
    if (document.hidden || calm.matches) return stop();
    if (busy()) return;
    step(Math.min(place() + 1, last));
    if (place() === last) stop();
  };
  const walk = (by) => {
    stop();
    step(Math.min(Math.max(place() + by, 0), last));
    tell();
  };
  const icon = (name, words, act) => {
    const markup = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
    const made = button(name, `${words}: ${label}`);
    made.innerHTML = markup;
    made.addEventListener("click", act);
    return made;
  };
  const play = icon("play", "Play", () => {
    if (timer !== null) return stop();
    if (place() === last) step(0);
    timer = setInterval(tick, interval);
    view.observe(figure);
    show(true);
  });
  input.before(icon("back", "Back", () => walk(-1)), play);
  input.after(icon("forward", "Forward", () => walk(1)));
  return { stop };
}

function button(name, words, text = "") {
  return make("button", { type: "button", class: name, "aria-label": words }, [text]);
}

function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Recorded: controls that stand before the states are there, and show then what was asked for. */
function prepare(figure) {
  if (figure.explorer) return;
  const told = JSON.parse(figure.dataset.controls);
  let recording = null;
  let asked = null;
  const draw = () => {
    if (!recording || !asked) return;
    const { parts, states, sentences } = recording;
    const state = asked.reduce((sum, place, i) => sum * told.controls[i].values.length + place, 0);
    view.show(states[state].map((part) => parts[part]).join(""), sentences[state]);
  };
  const ask = (places) => {
    asked = places;
    draw();
  };
  const view = build(figure, told, ask, () => !recording);
  figure.explorer.replay = (found) => {
    recording = found;
    figure.explorer.ready = true;
    define(figure.querySelector("svg"), found.defs);
    draw();
  };
  figure.dispatchEvent(new CustomEvent("explorer", { bubbles: true }));
}

/** All states of a figure are at hand, the last control running fastest. */
function replay(figure, recording) {
  prepare(figure);
  figure.explorer.replay(recording);
}

/** Give a picture the definitions that no picture of the page has. */
function define(svg, markup) {
  const defs = document.createElementNS(svg.namespaceURI, "defs");
  defs.innerHTML = markup;
  for (const one of [...defs.children]) if (document.getElementById(one.id)) one.remove();
  svg.prepend(defs);
}

/** Live: the kernel draws. At most one state is under way; the last one asked for always comes. */
function render({ model, el }) {
  const spec = model.get("_spec");
  const id = `explorer-${Math.random().toString(36).slice(2)}`;
  const own = (markup) => markup.replaceAll(PREFIX, id);
  el.innerHTML = own(spec.figure);
  const figure = el.firstElementChild;
  const failure = make("div", { class: "failure", role: "alert", hidden: "" });
  figure.querySelector(".picture").append(failure);
  let waiting = null; // a timer while a state is under way
  let wanted = null; // the places asked for meanwhile
  let known = []; // the places that the model stands at

  const send = (places) => {
    wanted = null;
    let changed = false;
    spec.controls.forEach(({ name, kind, values }, i) => {
      const place = places[i];
      if (place === known[i]) return; // a kernel's value between two places stays as it is
      model.set(name, kind === "choice" ? place : values[place]);
      changed = true;
    });
    known = places;
    if (!changed) return;
    model.save_changes();
    waiting = setTimeout(settle, 3000); // a kernel that lost the message must not freeze the form
  };
  const settle = () => {
    clearTimeout(waiting);
    waiting = null;
    if (wanted) send(wanted);
  };
  const ask = (places) => {
    if (waiting) wanted = places;
    else send(places);
  };
  const view = build(figure, { ...spec, note: "" }, ask, () => Boolean(waiting));

  for (const control of figure.querySelectorAll("input, select, button")) {
    control.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves its arrow keys to it
  }

  const update = () => {
    const { layer, sentence, error, index, texts } = model.get("_state");
    known = index;
    failure.hidden = !error;
    figure.classList.toggle("failed", Boolean(error));
    failure.replaceChildren(
      ...(error ?? []).map((text, i) => make(i ? "code" : "p", {}, [text])),
    );
    view.show(own(layer ?? ""), sentence ?? "");
    if (!wanted) view.set(index, texts);
    settle();
  };
  model.on("change:_state", update);
  update();
  return () => {
    model.off("change:_state", update);
    clearTimeout(waiting);
  };
}

export default { render };
