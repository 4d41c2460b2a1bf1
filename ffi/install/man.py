#!/usr/bin/env python3
"""Writes the manual pages of the C interface from its header: man.py HEADER DIRECTORY VERSION

bgcopy(3) is the manual at the top of the header, bgcopy_results(3) lists the result codes, and every function,
structure and callback type has a page of its own name.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

SECTION = re.compile(r"^/\* (?P<title>[^\n*]+)\n \* =+\n(?P<text>.*?)\*/\n", re.MULTILINE | re.DOTALL)
DOCUMENTED = re.compile(r"^/\*\*(?P<doc>.*?)\*/\n(?P<code>.*?)(?=\n\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass
class Page:
    """What one page tells of one name."""

    name: str
    section: str
    doc: str
    code: str


def plain(comment: str) -> str:
    """The text of a comment without its frame."""
    lines = [re.sub(r"^ ?\* ?", "", line) for line in comment.strip("\n").split("\n")]
    return "\n".join(lines).strip()


def escape(text: str) -> str:
    """Text that roff takes literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def inline(text: str) -> str:
    """Backquoted words in bold."""
    parts = text.split("`")
    return "".join(f"\\fB{escape(part)}\\fR" if i % 2 else escape(part) for i, part in enumerate(parts))


def body(text: str) -> str:
    """Paragraphs, headings and indented examples."""
    result = []
    for block in re.split(r"\n\n+", text.strip("\n")):
        lines = block.split("\n")
        if len(lines) >= 2 and re.fullmatch(r"=+", lines[1]):
            result.append(f".SH {escape(lines[0].upper())}")
            lines = lines[2:]
            if not lines:
                continue
        if all(line.startswith("    ") or not line for line in lines):
            code = escape("\n".join(line[4:] for line in lines))
            result.append(f".PP\n.RS 4\n.nf\n{code}\n.fi\n.RE")
        elif lines[0].startswith("- "):
            items = re.split(r"\n(?=- )", "\n".join(lines))
            result.extend(f".IP \\(bu 2\n{inline(item[2:])}" for item in items)
        else:
            result.append(f".PP\n{inline(chr(10).join(lines))}")
    return "\n".join(result)


def summary(doc: str) -> str:
    """The first sentence, for apropos."""
    first = re.split(r"(?<=[.:;])\s", " ".join(doc.split("\n\n")[0].split("\n")))[0]
    return escape(first.rstrip(".:;").replace("`", ""))


def split(doc: str) -> tuple[str, str, str]:
    """The description, the errors, and the method of BITS."""
    doc, _, method = doc.replace("BITS has no such method.", "").partition("BITS: ")
    description, _, errors = re.sub(r"(^|\n)Errors: ", r"\1\0", doc).partition("\0")
    return description, errors.rstrip(), method.rstrip(".")


def render(page: Page, version: str) -> str:
    """A page in roff."""
    description, errors, method = split(page.doc)
    parts = [
        f'.TH {page.name} 3 "" "bgcopy {version}" "bgcopy"\n.nh\n.ad l',
        f".SH NAME\n{page.name} \\- {summary(page.doc)}",
        f".SH SYNOPSIS\n.nf\n#include <bgcopy.h>\n\n{escape(page.code)}\n.fi",
        f".SH DESCRIPTION\n{body(description)}",
    ]
    if errors:
        parts.append(f".SH ERRORS\n{body(errors)}")
    if method:
        parts.append(f".SH BITS\n{inline(method)}")
    parts.append(f".SH SEE ALSO\n\\fBbgcopy\\fR(3), \\fBbgcopy_results\\fR(3), {escape(page.section)} in bgcopy.h")
    return "\n".join(parts) + "\n"


def named(code: str) -> str | None:
    """The name that a declaration introduces, if it deserves a page."""
    for pattern in (r"typedef struct \w+ \{.*\} (\w+);", r"typedef [^;]*\(\*(\w+)\)", r"[^(]*?\*?\b(bg_\w+)\("):
        found = re.match(pattern, code, re.DOTALL)
        if found:
            return found[1]
    return None


def pages(header: str) -> list[Page]:
    """A page for each function, structure and callback type."""
    sections = [(match.start(), match["title"].strip()) for match in SECTION.finditer(header)]
    found = []
    for match in DOCUMENTED.finditer(header):
        name = named(match["code"])
        if name:
            section = [title for start, title in sections if start < match.start()][-1]
            found.append(Page(name, section, plain(match["doc"]), match["code"]))
    return found


def results(header: str, version: str) -> str:
    """The page of all result codes."""
    codes = re.findall(r"/\*\*\s+(?:\* )?(0x[0-9A-F]{8}): (.*?)\*/\n#define (\w+) ", header, re.DOTALL)
    assert len(codes) > 100, "the result codes of the header"
    rows = [f".TP\n\\fB{name}\\fR ({value})\n{inline(plain(text))}" for value, text, name in codes]
    head = f'.TH bgcopy_results 3 "" "bgcopy {version}" "bgcopy"\n.SH NAME\nbgcopy_results \\- result codes of bgcopy'
    return "\n".join([head, ".SH DESCRIPTION", *rows, ".SH SEE ALSO", "\\fBbgcopy\\fR(3)"]) + "\n"


def manual(header: str, found: list[Page], version: str) -> str:
    """The page that explains the conventions and lists all others."""
    top = plain(header[header.index("/*") + 2 : header.index("*/")])
    title, text = top.split(" - ", 1)
    first, rest = text.split("\n\n", 1)
    parts = [
        f'.TH bgcopy 3 "" "bgcopy {version}" "bgcopy"\n.nh\n.ad l',
        f".SH NAME\nbgcopy \\- {summary(first)}",
        ".SH SYNOPSIS\n.nf\n#include <bgcopy.h>\n\ncc program.c $(pkg\\-config \\-\\-cflags \\-\\-libs bgcopy)\n.fi",
        f".SH DESCRIPTION\n{body(first[:1].upper() + first[1:])}",
        body(rest),
        ".SH PAGES",
    ]
    for section in dict.fromkeys(page.section for page in found):
        names = ", ".join(f"\\fB{page.name}\\fR(3)" for page in found if page.section == section)
        parts.append(f".SS {escape(section)}\n{names}")
    parts.append(".SH SEE ALSO\n\\fBbgcopy_results\\fR(3)")
    return "\n".join(parts) + "\n"


def main() -> None:
    header_path, directory, version = sys.argv[1:]
    header = Path(header_path).read_text(encoding="utf-8")
    found = pages(header)
    texts = {page.name: render(page, version) for page in found}
    texts["bgcopy"] = manual(header, found, version)
    texts["bgcopy_results"] = results(header, version)
    for name, text in texts.items():
        Path(directory, f"{name}.3").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
