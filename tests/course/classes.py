"""A class as it might be: thirty students, with the mistakes of a chapter in its words."""

import random

from backpass import checks
from backpass.course.gradebook.book import Manual
from backpass.course.gradebook.standing import Standing
from backpass.course.results import Mark, Open, Result

NAMES = ["Ada Lovelace", "ناصر خسرو", "সুমিত্রা দেবী", "สมชาย ใจดี", "O'Neil, Bob", "Łukasz Żak"]

ANSWER = """# What $K = 1$ keeps

The forward pass is **the same**: $h_{t-1}$ holds the past. See [the text](https://example.org/a).

1. It drops all terms with $k < t$.
2. `for t in range(T):` runs once.

```python
loss = 0.5 * (o - t) ** 2
```

| K | loss |
|---|------|
| 1 | 0.21 |
"""


def class_(chapter="bptt", size=30):
    """The standings of a class; what it drew is the same every time."""
    draw = random.Random(1)
    return [one_of(chapter, i, draw) for i in range(size)]


def one_of(chapter, i, draw):
    name = NAMES[i] if i < len(NAMES) else f"Student {i}"
    if i == 7:
        return Standing(Result(name, chapter, "ungradable", reason="The notebook has no cells."))
    skill = draw.random()
    marks = tuple(mark(one, skill, draw) for one in checks.chapters()[chapter].values())
    text = "" if i == 8 else ANSWER
    given = {"open-question": Manual(2.5, "What would prove you wrong?", "", "", text)}
    result = Result(
        name,
        chapter,
        "graded",
        marks,
        (Open("open-question", 4.0, text),),
        ("The check of part 3 was changed; the sheet's was run.",) if i == 3 else (),
    )
    return Standing(result, given if i % 3 else {})


def mark(exercise, skill, draw):
    if draw.random() < skill:
        return Mark(exercise.slug, exercise.points, exercise.points, ("All right.",))
    if draw.random() < 0.2:
        told = (f"Not attempted: 0 of {exercise.points:g} points.",)
        return Mark(exercise.slug, 0.0, exercise.points, told, attempted=False)
    names = list(exercise.mistakes)
    slug = names[min(int(draw.expovariate(0.5)), len(names) - 1)]
    told = ("dW[0, 1]: yours is 0.25, right is 0.5.", str(exercise.mistakes[slug]))
    return Mark(exercise.slug, exercise.points // 2, exercise.points, told, (slug,))
