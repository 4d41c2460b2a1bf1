"""Every method of BITS that the engine has is there, under its name in lower case."""

from __future__ import annotations

import pathlib
import re

import bgcopy
import bgcopy.qmgr
import bgcopy.server

LIST = pathlib.Path(__file__).parents[3] / "tests" / "methods.txt"


def class_of(interface: str) -> type:
    """The class of an interface and its successors: the last number goes, unless it is a class of its own."""
    name = re.sub(r"^IEnum|^I(BITS)?", lambda match: match[0][1:].removeprefix("BITS"), interface)
    for prefix in ("BackgroundCopyJobHttpOptions", "BitsTokenOptions"):
        if name.startswith(prefix):
            name = "BackgroundCopyJob"
    for candidate in (name, re.sub(r"\d$", "", name)):
        for module in (bgcopy, bgcopy.qmgr, bgcopy.server):
            if hasattr(module, candidate):
                found: type = getattr(module, candidate)
                return found
    raise AssertionError(f"no class for {interface}")


def snake_case(method: str) -> str:
    """``SetFileACLFlags`` is ``set_file_acl_flags``: an acronym is one word."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", method)
    return words.lower()


def test_every_method_is_there_under_its_name() -> None:
    interface, missing, properties = "", [], []
    for line in LIST.read_text().splitlines():
        line = line.strip()
        if line.startswith("["):
            interface = line[1:].split(":")[0]
        elif line and not line.startswith("#"):
            kind, name = class_of(interface), snake_case(line.split(" = ")[0])
            method = getattr(kind, name, None)
            if not callable(method) or not (method.__doc__ or "").strip():
                missing.append(f"{kind.__name__}.{name} ({interface})")
            # Beside a pair of methods stands the property.
            if name.startswith("set_") and callable(getattr(kind, "get_" + name[4:], None)):
                if not hasattr(kind, name[4:]) and name not in ("set_property", "set_prop"):
                    properties.append(f"{kind.__name__}.{name[4:]}")
    assert interface, "the list is empty"
    assert not missing and not properties


def test_names_of_methods_are_words() -> None:
    assert snake_case("SetFileACLFlags") == "set_file_acl_flags"
    assert snake_case("get_GroupID") == "get_group_id"
    assert snake_case("SetClientCertificateByID") == "set_client_certificate_by_id"
    assert class_of("IBackgroundCopyJob4") is bgcopy.BackgroundCopyJob
    assert class_of("IBITSExtensionSetup") is bgcopy.server.ExtensionSetup
    assert class_of("IBackgroundCopyJob1") is bgcopy.qmgr.BackgroundCopyJob1
