#!/usr/bin/env python3
"""Turns the plain comments of bgcopy.h into what Doxygen reads: doxygen.py HEADER

The manual at the top becomes the main page, and each section a group of what it declares.
"""

import re
import sys
from pathlib import Path

SECTION = re.compile(r"^/\* (?P<title>[^\n*]+)\n \* =+\n(?P<text>.*?)\*/\n", re.MULTILINE | re.DOTALL)
CPP = """*
 * @section cpp C++
 *
 * New programs include bgcopy/bgcopy.hpp: bgcopy::queue, bgcopy::job, bgcopy::file, with failures as exceptions or as
 * codes (bgcopy::error), and bgcopy::listeners for what happens. Programs written for BITS include bgcopy/bits.h in
 * place of the header of the Windows SDK.
"""


def heading(comment: str) -> str:
    """Underlined titles as sections of a page."""

    def section(match: re.Match[str]) -> str:
        name = re.sub(r"\W+", "_", match[1].lower())
        return f" * @section {name} {match[1]}\n"

    return re.sub(r"^ \* ([^\n]+)\n \* =+\n", section, comment, flags=re.MULTILINE)


def main() -> None:
    header = Path(sys.argv[1]).read_text(encoding="utf-8")
    start, end = header.index("/*"), header.index("*/") + 2
    top = heading(header[start:end])
    sentence = top.split(" - ", 1)[1]
    top = f"/**\n * @mainpage Downloads and uploads that survive crashes and reboots\n *\n * {sentence.capitalize()[0]}{sentence[1:]}"
    top = top[: -len("*/")] + CPP + " */"
    body = header[end:]
    names = []

    def group(match: re.Match[str]) -> str:
        close = " * @}\n */\n/**\n" if names else ""
        names.append(match["title"])
        return f"/**\n{close} * @defgroup section{len(names)} {match['title']}\n *\n{match['text']} * @{{\n */\n"

    body = SECTION.sub(group, body)
    # The last group ends before the end of the C++ linkage block.
    marker = "\n#ifdef __cplusplus\n} /* extern"
    assert names and body.count(marker) == 1
    body = body.replace(marker, "\n/** @} */" + marker)
    sys.stdout.write("/** @file */\n" + top + body)


if __name__ == "__main__":
    main()
