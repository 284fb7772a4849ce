// The front end of an explorer, live in Jupyter and recorded in the book.
//
// Both lives take up a figure that already shows one state, as backpass/recording.py writes it:
//
//   <figure class="explorer" id="ID">
//     <div class="picture">
//       <svg role="img" ...><defs/><g class="background"/><g class="layer"/></svg>
//     </div>
//     <figcaption id="ID-sentence" aria-live="polite">the sentence</figcaption>
//   </figure>
//
// and put a <form> of native inputs between picture and sentence (none, if there are no controls).
// A state is then two assignments: the markup of the layer and the text of the sentence.
//
// Live, anywidget calls render(). Recorded, the page calls replay(figure, recording), where
// recording is the dict of Explorer.recording(); it needs no more of it than controls, note, defs,
// states and sentences. A page opened from disk can load classic scripts only: to make one, replace
// the last line by `globalThis.backpassExplorer = { replay };` and put the whole in
// `(() => { ... })();`. replay may be called once per figure.

const PREFIX = "bp-id"; // what ids in live markup begin with, until each view puts its own

/** Add the form to a figure. `ask(places)` is called at every input with the chosen value of each
 *  control, as its place among the control's values. Returns functions that change the figure. */
function build(figure, { title, controls, note }, ask) {
  const layer = figure.querySelector("g.layer");
  const caption = figure.querySelector("figcaption");
  const rows = controls.map((control) => row(figure.id, control));
  if (rows.length) {
    const form = make("form", { "aria-label": `Controls: ${title}` }, rows.map((one) => one.element));
    if (note) form.append(make("p", { class: "note" }, [note]));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      for (const one of rows) one.say();
      ask(rows.map((one) => one.place()));
    });
    figure.querySelector(".picture").after(form);
  }
  return {
    show(markup, sentence) {
      layer.innerHTML = markup;
      caption.textContent = sentence;
    },
    set(index, texts) {
      rows.forEach((one, i) => one.set(index[i], texts[i]));
    },
  };
}

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
    output.style.minWidth = `${Math.max(...texts.map((text) => text.length))}ch`;
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
  const parts = [make("label", { for: id }, [label]), input];
  if (kind === "slider") parts.push(output);
  return { element: make("div", { class: `control ${kind}` }, parts), place, say, set };
}

function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Recorded: every state is at hand, the last control running fastest. */
function replay(figure, recording) {
  const { controls, defs, states, sentences } = recording;
  const svg = figure.querySelector("svg");
  svg.querySelector("defs")?.remove();
  svg.insertAdjacentHTML("afterbegin", `<defs>${defs}</defs>`);
  const view = build(figure, recording, (places) => {
    const state = places.reduce((sum, place, i) => sum * controls[i].values.length + place, 0);
    view.show(states[state], sentences[state]);
  });
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
  const view = build(figure, { ...spec, note: "" }, (places) => {
    if (waiting) wanted = places;
    else send(places);
  });

  for (const control of figure.querySelectorAll("input, select")) {
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
