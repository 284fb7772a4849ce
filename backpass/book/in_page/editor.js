// The editor of code, loaded with Python. CodeMirror does the work; this says how it is used here.
// `backpassEditor` is given the function that makes one, in place of a plain text area.
const { defaultKeymap, history, historyKeymap, indentLess, indentMore } = require("@codemirror/commands");
const { pythonLanguage } = require("@codemirror/lang-python");
const { indentOnInput, indentUnit, LanguageSupport, syntaxHighlighting } = require("@codemirror/language");
const { EditorState } = require("@codemirror/state");
const { EditorView, keymap } = require("@codemirror/view");
const { styleTags, tagHighlighter, tags } = require("@lezer/highlight");

// The classes that backpass/book/cells/code.py gives to the same tokens, which book.css colours.
const colours = tagHighlighter([
  { tag: [tags.comment, tags.docString], class: "c" },
  { tag: [tags.keyword, tags.bool], class: "k" },
  { tag: tags.string, class: "s" },
  { tag: tags.number, class: "m" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.meta], class: "f" },
  { tag: [tags.modifier, tags.self], class: "" },
]);
const python = pythonLanguage.configure({
  props: [styleTags({ "Script/ExpressionStatement/String Body/ExpressionStatement/String": tags.docString })],
});

const look = EditorView.theme({
  "&.cm-focused": { outline: "2px solid var(--bp-blue)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
  ".cm-content": { padding: "calc(0.75rem - 1px)", caretColor: "currentColor" },
  ".cm-line": { padding: "0" },
});

// Tab indents to the next four; over more than one letter it moves the lines.
const indent = (view) => {
  const { state } = view;
  if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  const { head } = state.selection.main;
  const column = head - state.doc.lineAt(head).from;
  view.dispatch(state.update(state.replaceSelection(" ".repeat(4 - (column % 4))), {
    scrollIntoView: true,
    userEvent: "input",
  }));
  return true;
};

// After what ends a block, the next line goes one step back; any other line is CodeMirror's matter.
const ends = (view) => {
  const { state } = view;
  const { head, empty } = state.selection.main;
  const line = state.doc.lineAt(head);
  const [, space, rest] = /^( *)(.*)$/.exec(line.text.slice(0, head - line.from));
  const whole = rest.split(/[([{]/).length === rest.split(/[)\]}]/).length && !rest.endsWith("\\");
  if (!empty || space.length < 4 || !whole || !/^(return|pass|break|continue|raise)\b/.test(rest)) return false;
  view.dispatch(state.update(state.replaceSelection(`\n${space.slice(4)}`), {
    scrollIntoView: true,
    userEvent: "input",
  }));
  return true;
};

/** An editor in place of `field`; `changed` hears of each change by hand, `press` of its keys. */
const make = (field, { changed, press }) => {
  const attributes = { tabindex: "0" }; // what is edited takes the focus anyway; now tools know too
  for (const name of ["aria-label", "aria-describedby"]) attributes[name] = field.getAttribute(name);
  let own = true; // the text is set by the page
  const view = new EditorView({
    doc: field.value,
    selection: { anchor: field.selectionStart, head: field.selectionEnd },
    extensions: [
      keymap.of([
        { key: "Ctrl-Enter", mac: "Cmd-Enter", run: () => press("check") },
        { key: "Shift-Enter", run: () => press("run") },
        { key: "Tab", run: indent, shift: indentLess },
        { key: "Enter", run: ends },
        ...defaultKeymap,
        ...historyKeymap,
      ]),
      history(),
      indentUnit.of("    "),
      EditorState.tabSize.of(4),
      indentOnInput(),
      new LanguageSupport(python),
      syntaxHighlighting(colours),
      EditorView.contentAttributes.of(attributes),
      EditorView.editorAttributes.of({ class: "editor" }),
      EditorView.updateListener.of(({ docChanged }) => docChanged && !own && changed()),
      EditorView.domEventHandlers({
        // After Escape, Tab goes on to what comes next, however long that takes.
        keyup: ({ key }, view) => {
          if (key === "Escape") view.setTabFocusMode(1e12);
        },
        blur: (event, view) => view.setTabFocusMode(false),
      }),
      look,
    ],
  });
  own = false;
  const focused = document.activeElement === field;
  field.replaceWith(view.dom);
  if (focused) view.focus();
  return {
    dom: view.dom,
    get value() { return view.state.doc.toString(); },
    set value(text) {
      own = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      own = false;
    },
    focus() { view.focus(); },
  };
};

backpassEditor(make);
