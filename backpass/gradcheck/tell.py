"""What to say of an answer: the mistake in words, and the two values that show it."""

from dataclasses import dataclass
from html import escape

from backpass.gradcheck.compare import Comparison
from backpass.gradcheck.name import GENERIC, Named, at
from backpass.gradcheck.plain import NotNumbers, apart
from backpass.gradcheck.question import Question


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What is wrong with an answer; true when nothing is.

    ``ok``: is the answer right? ``mistake``: a slug (the keys of ``GENERIC``, or the caller's);
    None if it is right or no known mistake fits; two made at once are joined by a plus, as in
    ``"sign+summed"``. ``where``: the index of the entry that the message quotes, or None.
    ``message``: what to tell the person. ``also``: other slugs that fit the same values.
    ``quote``: the sentence of the message that quotes the entry, or ``""``.
    """

    ok: bool
    mistake: str | None = None
    where: tuple | None = None
    message: str = ""
    also: tuple = ()
    quote: str = ""

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        slug = f"[{self.mistake}] " if self.mistake else ""
        return f"{'✓' if self.ok else '✗'} {slug}{self.message}"

    def _repr_html_(self) -> str:
        return f"<p style='white-space:pre-wrap'>{escape(repr(self))}</p>"


def praise(question: Question) -> Diagnosis:
    """The answer is right."""
    alone = " With a batch of 1 a sum and an average are the same." * (question.batch == 1)
    return Diagnosis(True, message="Right." + alone)


def refuse(error: NotNumbers, question: Question) -> Diagnosis:
    """The answer is not made of numbers."""
    return Diagnosis(False, "type", None, sentence("type", {"found": error}, question))


def tell(found: Comparison, named: Named, question: Question) -> Diagnosis:
    """The diagnosis of an answer in which ``named`` was recognised."""
    whole = "Every entry" if found.right.shape else "It"
    if named.slug is None:
        said = ["Not right, and not one of the recognised mistakes."]
    else:
        said = [sentence(named.slug.split("+")[0] if named.besides else named.slug,
                         named.facts, question, whole)]  # fmt: skip
    if named.besides:
        said.append(f"Besides: {tell(*named.besides, question).message}")
    quote = ""
    if named.quoted:
        yours, right = apart(found.answer[named.where], found.right.values[named.where])
        quote = f"{at(named.where)}yours is {yours}, right is {right}."
        said.append(quote)
    said += [named.more] * bool(named.more)
    for other, facts in named.also:
        meaning = sentence(other, facts, question, whole)
        said.append(f"Or, with the same numbers, “{other}”: {meaning}")
    also = tuple(other for other, _ in named.also)
    text = " ".join(said)
    return Diagnosis(False, named.slug, named.where, text, also, quote)


def sentence(slug: str, facts: dict, question: Question, whole: str = "Every entry") -> str:
    """What a slug means: the caller's hint and, where it has facts, the generic sentence.

    ``whole`` is what the generic one calls the answer: of a plain number there are no entries.
    """
    said, n = [], str(question.batch or "n")
    for part in slug.split("+"):
        values, hint = question.known.get(part, (None, None))
        foreseen = values is not None and "known" in facts
        generic = "" if foreseen else GENERIC[part].replace("{n}", n).replace("Every entry", whole)
        if hint is None or "{" in generic:
            said.append(generic.format(**facts) or f"It is the known mistake “{part}”.")
        if hint is not None:
            hint = hint.replace("{n}", n).replace("{c}", str(facts.get("c", "")))
            said.append(hint + "." * hint[-1:].isalnum())
    return " ".join(["Several things at once."] * ("+" in slug) + said)
