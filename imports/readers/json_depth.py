"""JSON that is nested deeper than any parser follows: what of it is too deep is put aside, so that the rest is read."""

from __future__ import annotations

import re

MOST_DEEP = 100
FEATURE_DEPTH = 2  # containers around a feature: the document and its list of features
ASIDE = b'"\\u0000nested too deeply"'  # what stands in the place of such a value; nobody's text has a NUL
TOKENS = re.compile(rb'"(?:[^"\\]+|\\.)*+"?|[\[{]|[\]}]', re.S)
OPENS = (0x5B, 0x7B)
QUOTE = 0x22


def shortened(data: bytes) -> bytes | None:
    """``data`` with `ASIDE` for each value, of those within two others, that holds more than `MOST_DEEP` levels.

    None where such a value has no end. One pass without recursion, in memory of the size of the file.
    """
    kept: list[bytes] = []
    copied = depth = start = 0
    deep = False
    for token in TOKENS.finditer(data):
        first = data[token.start()]
        if first == QUOTE:
            continue
        if first in OPENS:
            if depth == FEATURE_DEPTH:
                start = token.start()
            depth += 1
            deep = deep or depth > MOST_DEEP
            continue
        depth -= 1
        if deep and depth == FEATURE_DEPTH:
            kept += [data[copied:start], ASIDE]
            copied, deep = token.end(), False
    return None if deep else b"".join([*kept, data[copied:]])
