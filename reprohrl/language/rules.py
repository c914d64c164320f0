"""The rules that fold words into measures, conditions, things to avoid, waits and ways home."""

from __future__ import annotations

import re
from dataclasses import replace

from reprohrl.language.cascade import Folding, Part, first_of, spanned

_ITEM = "c*[OTP]"
_LIST = f"{_ITEM}(?:(?:,&?|&|\\|)>?3?Q?{_ITEM})*"
_NOT_LIST = f"{_ITEM}(?:(?:&|\\|){_ITEM})*"


def fold_all(f: Folding) -> None:
    """Apply every rule; what is left is for `reprohrl.language.order`."""
    _gaps(f)
    _measures(f)
    _battery(f)
    _time(f)
    _avoiding(f)
    _wholes(f)
    _doorways(f)
    _waits(f)
    _ways_home(f)
    _looks(f)


def _gaps(f: Folding) -> None:
    """Ask where a word is missing after an "and": it may have been the one that matters."""
    for match in re.finditer("&(?=[&.,]|$)", f.kinds):
        f.ask(f.parts[match.start()], "And what?", "Und was?")


def _measures(f: Folding) -> None:
    f.fold("nm", lambda p: spanned("3", p, p[0].value * p[1].value))
    f.fold("m", lambda p: spanned("3", p, p[0].value))
    f.fold("ns", lambda p: spanned("1", p, p[0].value * p[1].value))
    f.fold("s", lambda p: spanned("1", p, p[0].value))
    f.fold(
        "1&?1", lambda p: spanned("1", p, p[0].value + p[-1].value) if p[0].value >= 60 > p[-1].value else p
    )
    f.fold("n%", lambda p: spanned("4", p, p[0].value))
    f.fold("nx", lambda p: spanned("w", p, p[0].value))
    f.fold("Sk", lambda p: p[0])
    f.drop("(?<=[OA])k(?=[bad])")


def _battery(f: Folding) -> None:
    """BEFORE the battery is at 30 %: by; WITH at least 30 %: with; IF, WHEN: if; UNTIL: until."""
    modes = {"i": "if", "u": "until", "b": "by", "G": "with"}

    def make(p: list[Part]) -> Part:
        lead = p[0].kind if p[0].kind in modes else ""
        mode = modes[lead] if lead else "with" if first_of(p, ">") else "if"
        percent = first_of(p, "4")
        whole = spanned("C", p, percent.value if percent else 0.0, f"battery {mode}")
        if first_of(p, "+") is not None:
            f.refuse(
                whole,
                "A battery that is still full enough cannot be a condition; one that is too empty can.",
                "Ein noch voller Akku kann keine Bedingung sein, ein zu leerer schon.",
            )
        return whole

    f.fold("[ibuG]?[<>+]?B[<>+]*I?4", make)
    f.fold("[ibuG]?[<>+]?4B", make)


def _time(f: Folding) -> None:
    def condition(mode: str, p: list[Part]) -> Part:
        whole = first_of(p, "1")
        return spanned("C", p, whole.value if whole else 0.0, f"time {mode}")

    def each(p: list[Part]) -> Part:
        whole = first_of(p, "1")
        return spanned("6", p, whole.value if whole else 0.0)

    f.fold("[LWR]?1L?R?e|e[LW]?1", each)
    f.fold("iL1|(?<!L)a1(?!L)", lambda p: condition("if", p))
    f.fold("L?aL?1L?|[WI]L?1L?|L1|1L|b1", lambda p: condition("within", p))
    f.fold("u1", lambda p: condition("until", p))
    f.drop("I")


def _avoiding(f: Folding) -> None:
    """Every way to say "stay away": it becomes one part with classes and distances."""

    def head(p: list[Part]) -> Part:
        length = first_of(p, "3")
        return spanned("X", p, length.value if length else 0.0, "not" if p[0].kind == "N" else "")

    def around(p: list[Part]) -> Part:
        length = first_of(p, "3")
        return avoid([spanned("X", p, length.value if length else 0.0), *(x for x in p if x.kind in "OTP")])

    def avoid(p: list[Part]) -> Part:
        general, own = p[0].value, 0.0
        after = p[-2:] if len(p) > 2 else []
        tail = first_of(after, "3")
        if tail is not None and not [x for x in p if x.start > tail.start and x.kind in "OTP"]:
            general = tail.value
        data = []
        for x in p[1:]:
            if x.kind == "3":
                own = x.value
            elif x.kind in "OTP":
                data.append((int(x.value), own or general, x.start, x.end))
                own = 0.0
        return spanned("Z", p, data=tuple(data))

    f.fold(f"S>?3?{_LIST}Q", around)
    f.fold(f"z{_LIST}V?K", around)
    f.fold(f"{_LIST}NV?K", around)
    f.fold("S>?3?Q>?3?|(?<![GY])>3Q|(?<![GY>])3Q", head)
    f.fold("[Nz]V?K[>+]?3?", head)
    f.fold("[Nz]V|z(?=c*[OTP])|N(?=c*[OTPA])", head)
    tail = "(?:[GY]?>?3Q?)?"
    f.fold(f"X(?:>?3Q?)?{_LIST}{tail}", lambda p: avoid(p) if p[0].text != "not" else p)
    f.fold(f"X{_NOT_LIST}{tail}", avoid)
    f.fold("Z(?=,?[ba])", lambda p: _ask_order(f, p))
    f.fold("XA", lambda p: _ask_what(f, p))


def _ask_what(f: Folding, p: list[Part]) -> None:
    f.ask(spanned("X", p), "What exactly is to be avoided?", "Was genau soll gemieden werden?")


def _ask_order(f: Folding, p: list[Part]) -> None:
    f.ask(
        spanned("Z", p),
        "Not at all, or in another order? Say what comes first.",
        "Gar nicht, oder in anderer Reihenfolge? Was kommt zuerst?",
    )


def _wholes(f: Folding) -> None:
    """All objects, with exceptions."""

    def rest(p: list[Part]) -> Part:
        return spanned("A", p, data=tuple(int(x.value) for x in p if x.kind in "OP"))

    f.fold("A,?j[,V]*J?|A[,V]*J", lambda p: _ask_all(f, p))
    f.fold(f"A,?[Ek]{_LIST}", rest)


def _ask_all(f: Folding, p: list[Part]) -> None:
    f.ask(
        spanned("A", p),
        "How many are there? One object behind the doorway can be found and visited; more are to be named.",
        "Wie viele sind es? Ein Objekt hinter der Tür lässt sich finden und besuchen; mehr sind zu nennen.",
    )


def _doorways(f: Folding) -> None:
    f.fold("V?j[,V]*J[,V]*(?=[,&.kt]|$)|V?j[,V]*J", lambda p: spanned("F", p, 1.0))
    f.fold("V?jV?", lambda p: spanned("F", p, 0.0))
    f.fold("(?:c*O)J", lambda p: [spanned("U", p[-1:]), *p[:-1]])
    f.fold("V?J", lambda p: spanned("U", p))
    f.fold("V?U", lambda p: spanned("U", p))


def _waits(f: Folding) -> None:
    def wait(p: list[Part]) -> list[Part]:
        lasting = first_of(p, "1")
        hold = spanned("5", [x for x in p if x.kind not in "cO"], lasting.value if lasting else 0.0)
        return [*(x for x in p if x.kind in "cO"), hold]

    f.fold("oR?1c*O|oc*OR?1|oR?1|SR?1", wait)
    if "p" in f.kinds or "r" in f.kinds:
        f.fold("R1", lambda p: spanned("C", p, p[1].value, "time until"))
    f.fold("R1", wait)
    f.drop("[RY]|(?<=[flt])G")
    for part in f.parts:
        if part.kind == "o":
            f.ask(part, "For how many seconds?", "Wie viele Sekunden lang?")
    f.drop("o")


def _ways_home(f: Folding) -> None:
    """Merge the words for home, and give each condition its ending."""
    f.fold("V?h+U?", lambda p: spanned("h", p))
    f.fold("h[,&t]*h", lambda p: spanned("h", p))
    f.fold("Dc*O", lambda p: [*p[1:], p[0]])

    def early(p: list[Part]) -> list[Part]:
        c, end = first_of(p, "C"), first_of(p, "hD")
        if c is None or end is None or c.data:
            return p
        mode = c.text.split()[1]
        if mode in ("if", "until"):
            return [spanned("C", p, c.value, c.text, ("return" if end.kind == "h" else "land", False))]
        if end.kind == "D":
            return [spanned("C", p, c.value, c.text, ("land", False))]
        between = {x.kind for x in p} - {"C", "h"}
        if "&" in between or "t" in between or ("," in between and mode == "within"):
            return p
        whole = spanned("C", [c], c.value, c.text, ("return", True))
        end = replace(end, text="deadline")
        return [whole, end] if p[0].kind == "C" else [end, whole]

    f.fold("C,?[&t]*,?[hD]", early)
    f.fold("[hD],?C", early)
    f.drop("V(?=[,&.k]|$)")


def _looks(f: Folding) -> None:
    """Leave colours and sizes aside, and say so; two looks of one class cannot be told apart."""
    looks: dict[int, set[str]] = {}

    def leave(p: list[Part]) -> Part:
        thing = p[-1]
        f.note(
            spanned("c", p[:-1]),
            "Colours and sizes are not told apart: the object is found by its shape.",
            "Farben und Größen werden nicht unterschieden: Das Objekt wird an seiner Form erkannt.",
        )
        looks.setdefault(int(thing.value), set()).add(" ".join(str(x.text or x.start) for x in p[:-1]))
        if len(looks[int(thing.value)]) > 1:
            f.ask(
                spanned("c", p), "Two objects of one shape cannot be told apart. Which one?",
                "Zwei Objekte gleicher Form lassen sich nicht unterscheiden. Welches?",
            )  # fmt: skip
        return spanned("O", p, thing.value)

    f.fold("c+O", leave)
    f.drop("2(?=O(?:,&?|&)O)")
