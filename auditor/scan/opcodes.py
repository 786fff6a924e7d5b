"""What each pickle opcode does to the machine. Source: CPython's Lib/pickletools.py, protocols 0 to 5."""

from collections.abc import Callable
from typing import Final, TypeAlias

from auditor.scan.escapes import unescaped
from auditor.scan.machine import SMALL, UNKNOWN, Machine, Made, Named

Action: TypeAlias = Callable[[Machine], None]

STOP: Final = 0x2E

_BLOCK: Final = 1 << 16
_CROWD: Final = 5_000_000
"""Values held at once above which a stream is given up."""


def walk(machine: Machine) -> str | None:
    """Run the machine to its STOP opcode; returns what makes that impossible, or None."""
    data, end = machine.data, machine.end
    try:
        while machine.crowd() < _CROWD:
            for _ in range(_BLOCK):
                if machine.at >= end:
                    return "it ends before its STOP opcode"
                code = data[machine.at]
                machine.at += 1
                ACTIONS[code](machine)
                if code == STOP:
                    return None
    except (IndexError, KeyError, ValueError) as error:
        return f"it cannot be read on at byte {machine.at - machine.start} ({type(error).__name__}: {error})"
    return "it holds more values than the scanner follows"


def _push(m: Machine) -> None:
    m.stack.append(UNKNOWN)


def _skip(size: int) -> Action:
    """Push a value of a fixed number of bytes."""

    def action(m: Machine) -> None:
        m.at += size
        m.stack.append(UNKNOWN)

    return action


def _byte(m: Machine) -> None:
    m.stack.append(m.data[m.at])
    m.at += 1


def _whole(size: int, *, signed: bool = False) -> Action:
    def action(m: Machine) -> None:
        start, m.at = m.at, m.at + size
        m.stack.append(int.from_bytes(m.data[start : m.at], "little", signed=signed))

    return action


def _long(m: Machine) -> None:
    m.stack.append(m.number(m.number(1), signed=True))


def _sized(size: int) -> Action:
    """Push bytes; how many comes first."""

    def action(m: Machine) -> None:
        count = m.number(size)
        m.at += count
        m.stack.append(UNKNOWN)

    return action


def _text(size: int, encoding: str = "utf-8") -> Action:
    """Push a string; its length in bytes comes first."""

    def action(m: Machine) -> None:
        count = m.number(size)
        start, m.at = m.at, m.at + count
        m.stack.append(str(m.data[start : m.at], encoding, "surrogatepass") if count <= SMALL else UNKNOWN)

    return action


def _short_text(m: Machine) -> None:
    """The most frequent kind of string, without detours."""
    start = m.at + 1
    m.at = start + m.data[m.at]
    m.stack.append(str(m.data[start : m.at], "utf-8", "surrogatepass"))


def _whole_line(m: Machine) -> None:
    text = m.line()
    m.stack.append(int(text) if text.isdigit() and len(text) <= SMALL else UNKNOWN)


def _float_line(m: Machine) -> None:
    m.line()
    m.stack.append(UNKNOWN)


def _string_line(m: Machine) -> None:
    text = m.line()
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in b"'\"":
        raise ValueError("a string has no quotes")
    m.stack.append(unescaped(text[1:-1].decode("latin-1")) if len(text) <= SMALL else UNKNOWN)


def _unicode_line(m: Machine) -> None:
    text = m.line()
    m.stack.append(text.decode("raw_unicode_escape") if len(text) <= SMALL else UNKNOWN)


def _named(m: Machine) -> Named:
    module = m.line()
    return m.name(module.decode(), m.line().decode())


def _global(m: Machine) -> None:
    m.stack.append(_named(m))


def _stack_global(m: Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if isinstance(name, str) and isinstance(module, str):
        m.stack.append(m.name(module, name))
    else:
        m.odd["takes a value from a module by a name that it computes"] = None
        m.stack.append(UNKNOWN)


def _extension(size: int) -> Action:
    def action(m: Machine) -> None:
        m.odd[f"uses extension code {m.number(size)}, a name that only the running program knows"] = None
        m.stack.append(UNKNOWN)

    return action


def _reduce(m: Machine) -> None:
    given = m.stack.pop()
    m.stack[-1] = m.call(m.stack[-1], given)


def _new_with_keywords(m: Machine) -> None:
    m.stack.pop()
    _reduce(m)


def _instance(m: Machine) -> None:
    function = _named(m)
    m.stack.append(m.call(function, tuple(m.popped())))


def _object(m: Machine) -> None:
    function, *given = m.popped()
    m.stack.append(m.call(function, tuple(given)))


def _build(m: Machine) -> None:
    state, target = m.stack.pop(), m.stack[-1]
    if isinstance(target, Named):
        m.odd[f"sets attributes of {target} itself"] = None
    elif isinstance(target, Made):
        target.state = state
        if m.built:
            m.built(m, target)


def _mark(m: Machine) -> None:
    m.marks.append(m.stack)
    m.stack = []


def _pop(m: Machine) -> None:
    if m.stack:
        m.stack.pop()
    else:
        m.popped()


def _stop(m: Machine) -> None:
    m.stack.pop()


def _pop_marked(m: Machine) -> None:
    m.popped()


def _duplicate(m: Machine) -> None:
    m.stack.append(m.stack[-1])


def _collect(m: Machine) -> None:
    m.popped()
    m.stack.append(UNKNOWN)


def _tuple(m: Machine) -> None:
    items = m.popped()
    m.stack.append(tuple(items) if len(items) <= SMALL else UNKNOWN)


def _tuple_of(count: int) -> Action:
    def action(m: Machine) -> None:
        m.stack[-count:] = [(*[m.stack[place] for place in range(-count, 0)],)]

    return action


def _empty_tuple(m: Machine) -> None:
    m.stack.append(())


def _empty_dict(m: Machine) -> None:
    m.stack.append({})


def _dict(m: Machine) -> None:
    filled: dict[str, object] = {}
    _fill(filled, m.popped())
    m.stack.append(filled)


def _set_item(m: Machine) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    _fill(m.top(), [key, value])


def _set_items(m: Machine) -> None:
    items = m.popped()
    _fill(m.top(), items)


def _fill(target: object, items: list[object]) -> None:
    """Set the string keys of a dictionary, where it is small: only such say how a stream reads on."""
    if isinstance(target, dict) and len(target) + len(items) <= SMALL:
        target.update((key, value) for key, value in zip(items[::2], items[1::2], strict=True) if isinstance(key, str))


def _append(m: Machine) -> None:
    m.stack.pop()
    m.top()


def _extend(m: Machine) -> None:
    m.popped()
    m.top()


def _check_top(m: Machine) -> None:
    m.top()


def _persistent(m: Machine) -> None:
    m.stack[-1] = UNKNOWN


def _put_line(m: Machine) -> None:
    m.memo[int(m.line())] = m.top()


def _put(size: int) -> Action:
    def action(m: Machine) -> None:
        m.memo[m.number(size)] = m.top()

    return action


def _memoize(m: Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


def _get_line(m: Machine) -> None:
    m.stack.append(m.memo[int(m.line())])


def _get_byte(m: Machine) -> None:
    m.stack.append(m.memo[m.data[m.at]])
    m.at += 1


def _put_byte(m: Machine) -> None:
    m.memo[m.data[m.at]] = m.stack[-1]
    m.at += 1


def _get(size: int) -> Action:
    def action(m: Machine) -> None:
        m.stack.append(m.memo[m.number(size)])

    return action


def _protocol(m: Machine) -> None:
    m.proto = m.number(1)
    if m.proto > 5:
        raise ValueError(f"protocol {m.proto}")


def _frame(m: Machine) -> None:
    m.at += 8


def _invalid(m: Machine) -> None:
    raise ValueError(f"byte {m.data[m.at - 1]:#04x} is no opcode")


_BY_CODE: Final[dict[bytes, Action]] = {
    # Protocol 0 and 1
    b"(": _mark,
    b".": _stop,
    b"0": _pop,
    b"1": _pop_marked,
    b"2": _duplicate,
    b"F": _float_line,
    b"G": _skip(8),
    b"I": _whole_line,
    b"J": _whole(4, signed=True),
    b"K": _byte,
    b"L": _float_line,
    b"M": _whole(2),
    b"N": _push,
    b"P": _float_line,
    b"Q": _persistent,
    b"R": _reduce,
    b"S": _string_line,
    b"T": _text(4, "latin-1"),
    b"U": _text(1, "latin-1"),
    b"V": _unicode_line,
    b"X": _text(4),
    b"a": _append,
    b"b": _build,
    b"c": _global,
    b"d": _dict,
    b"}": _empty_dict,
    b"e": _extend,
    b"g": _get_line,
    b"h": _get_byte,
    b"i": _instance,
    b"j": _get(4),
    b"l": _collect,
    b"]": _push,
    b"o": _object,
    b"p": _put_line,
    b"q": _put_byte,
    b"r": _put(4),
    b"s": _set_item,
    b"t": _tuple,
    b")": _empty_tuple,
    b"u": _set_items,
    # Protocol 2
    b"\x80": _protocol,
    b"\x81": _reduce,
    b"\x82": _extension(1),
    b"\x83": _extension(2),
    b"\x84": _extension(4),
    b"\x85": _tuple_of(1),
    b"\x86": _tuple_of(2),
    b"\x87": _tuple_of(3),
    b"\x88": _push,
    b"\x89": _push,
    b"\x8a": _long,
    b"\x8b": _sized(4),
    # Protocol 3
    b"B": _sized(4),
    b"C": _sized(1),
    # Protocol 4
    b"\x8c": _short_text,
    b"\x8d": _text(8),
    b"\x8e": _sized(8),
    b"\x8f": _push,
    b"\x90": _extend,
    b"\x91": _collect,
    b"\x92": _new_with_keywords,
    b"\x93": _stack_global,
    b"\x94": _memoize,
    b"\x95": _frame,
    # Protocol 5
    b"\x96": _sized(8),
    b"\x97": _push,
    b"\x98": _check_top,
}

ACTIONS: Final = tuple(_BY_CODE.get(bytes([code]), _invalid) for code in range(256))
"""What to do, by the opcode's byte."""
