"""The words of a page by themselves: formulas as a reader would type them, and no code."""

import re

from docutils import nodes

#: What a formula's commands are called in a query.
GREEK = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
           varsigma sigma tau upsilon varphi chi psi omega"""
SYMBOLS = {name: chr(code) for code, name in enumerate(GREEK.split(), start=ord("α"))}
SYMBOLS |= {name.capitalize(): symbol.upper() for name, symbol in SYMBOLS.items()}
SYMBOLS |= {
    "phi": "φ", "varepsilon": "ε", "partial": "∂", "nabla": "∇", "sum": "Σ", "prod": "Π",
    "odot": "⊙", "cdot": "·", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥",
    "approx": "≈", "ne": "≠", "neq": "≠", "to": "→", "infty": "∞", "sqrt": "√", "top": "ᵀ",
    "pm": "±", "log": "log", "exp": "exp", "max": "max", "min": "min", "tanh": "tanh",
}  # fmt: skip
LOW, HIGH = (str.maketrans("0123456789-", digits) for digits in ("₀₁₂₃₄₅₆₇₈₉₋", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
#: What is no words, or nobody looks for by them; the index of the search has 150 kB.
UNREAD = (nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment, nodes.system_message)


def plain(tex: str) -> str:
    """A formula as a reader would type it: ``\\delta_1 = o - t`` becomes ``δ₁ = o - t``."""
    tex = re.sub(r"\\(?:begin|end)\{\w+\*?\}", " ", tex)
    for sign, digits in (("_", LOW), (r"\^", HIGH)):
        tex = re.sub(sign + r"\{?(-?[0-9]+)\}?", lambda n, to=digits: n[1].translate(to), tex)
    tex = re.sub(r"\^\{?\\top\}?", "ᵀ", tex)
    tex = re.sub(r"[_^]\{([^{}]*)\}", r"_\1", tex)  # else the arguments of a fraction do not end
    tex = re.sub(r"\\(?:text|mathrm|operatorname|mathbf|boldsymbol)\s*\{([^{}]*)\}", r"\1", tex)
    tex = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", tex)
    tex = re.sub(r"\\([A-Za-z]+)", lambda found: f" {SYMBOLS.get(found[1], '')} ", tex)
    tex = re.sub(r"[\\{}&]|\s+", " ", tex.replace("_", ""))
    tex = re.sub(r"(?<=[∂∇])\s+|\s+(?=[₀-₉⁰¹²³⁴-⁹⁻ᵀ/,.;:)])|(?<=/)\s+", "", tex)
    return " ".join(tex.split())


def text_of(node: nodes.Node) -> str:
    """The words of a part of a page; not its code, what code printed, nor displayed formulas."""
    if isinstance(node, nodes.Text):
        # `lines.typeset` put them there.
        return str(node).replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
    if isinstance(node, nodes.math):
        return plain(node.astext()).join(node.get("tied", ("", "")))
    if isinstance(node, UNREAD):
        return ""
    if {"cell", "headerlink"} & set(node.get("classes", ())):
        return ""
    parts = [text_of(child) for child in node.children]
    return ("" if isinstance(node, nodes.TextElement) else " ").join(parts)


def term_of(paragraph: nodes.paragraph) -> str:
    """What a paragraph begins with in bold, or nothing."""
    told = [child for child in paragraph.children if child.astext()]
    return text_of(told[0]) if told and isinstance(told[0], nodes.strong) else ""
