"""Writes bgcopy/enums.py and bgcopy/result.py from the tables of the engine.

    python generate.py DIRECTORY

Needs the built module only: the tables come from it.
"""

import importlib.util
import pathlib
import sys
import textwrap
from typing import Any

# C name of the group, Python class, prefixes that the members lose.
CLASSES = {
    "BG_JOB_TYPE": ("JobType", ["BG_JOB_TYPE_"]),
    "BG_JOB_STATE": ("JobState", ["BG_JOB_STATE_"]),
    "BG_JOB_PRIORITY": ("JobPriority", ["BG_JOB_PRIORITY_"]),
    "BG_JOB_PROXY_USAGE": ("ProxyUsage", ["BG_JOB_PROXY_USAGE_"]),
    "BG_ERROR_CONTEXT": ("ErrorContext", ["BG_ERROR_CONTEXT_"]),
    "BG_AUTH_TARGET": ("AuthTarget", ["BG_AUTH_TARGET_"]),
    "BG_AUTH_SCHEME": ("AuthScheme", ["BG_AUTH_SCHEME_"]),
    "BG_CERT_STORE_LOCATION": ("CertStoreLocation", ["BG_CERT_STORE_LOCATION_"]),
    "BITS_JOB_TRANSFER_POLICY": ("TransferPolicy", ["BITS_JOB_TRANSFER_POLICY_"]),
    "BITS_JOB_PROPERTY_ID": ("JobPropertyId", ["BITS_JOB_PROPERTY_ID_", "BITS_JOB_PROPERTY_"]),
    "BITS_FILE_PROPERTY_ID": ("FilePropertyId", ["BITS_FILE_PROPERTY_ID_"]),
    "BG_NOTIFY": ("NotifyFlags", ["BG_NOTIFY_"]),
    "BITS_COST_STATE": ("CostFlags", ["BITS_COST_STATE_", "BITS_COST_OPTION_"]),
    "BG_COPY_FILE": ("AclFlags", ["BG_COPY_FILE_"]),
    "BG_HTTP_SECURITY": ("SecurityFlags", ["BG_HTTP_", "BG_SSL_"]),
    "BG_TOKEN": ("TokenFlags", ["BG_TOKEN_"]),
    "BG_JOB_PEERCACHING": ("JobPeerCachingFlags", ["BG_JOB_"]),
    "BG_PEERCACHING": ("PeerCachingFlags", ["BG_"]),
    "BG_JOB_ENUM": ("EnumFlags", ["BG_JOB_ENUM_"]),
    "GROUPPROP": ("GroupProperty", ["GROUPPROP_"]),
    "QM_PROTOCOL": ("QmProtocol", ["QM_PROTOCOL_"]),
    "QM_PROGRESS": ("QmProgress", ["QM_PROGRESS_"]),
    "QM_NOTIFY": ("QmNotifyFlags", ["QM_NOTIFY_"]),
    "QM_STATUS": ("QmStatusFlags", ["QM_STATUS_"]),
}

HEAD = '''"""{title}

Written by generate.py from the tables of the engine: change those.
"""

'''


def native() -> Any:
    """The built module, without the package around it, whose files may not be there yet."""
    # Not the sources, which lie beside this program and have none.
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:] = [path for path in sys.path if pathlib.Path(path).resolve() != here]
    package = importlib.util.find_spec("bgcopy")
    assert package is not None, "bgcopy is not installed in this environment"
    for folder in package.submodule_search_locations or []:
        for path in pathlib.Path(folder).glob("_bgcopy.*.so"):
            spec = importlib.util.spec_from_file_location("bgcopy._bgcopy", path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise SystemExit("the installed bgcopy has no native module")


def comment(text: str) -> str:
    lines = textwrap.wrap(text, 100, break_long_words=False)
    return "".join(f"    #: {line}\n" for line in lines)


def member(name: str, prefixes: list[str]) -> str:
    for prefix in prefixes:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def enums(module: Any) -> str:
    text = HEAD.format(title="Enumerations and flags, with the values of the Windows SDK.")
    text += "from __future__ import annotations\n\nfrom enum import IntEnum, IntFlag\n\n"
    groups = [group for group in module.constants() if group[1] != "sizes"]
    names = sorted(CLASSES[group[0]][0] for group in groups)
    text += "__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n"
    for group, kind, doc, rows in groups:
        name, prefixes = CLASSES[group]
        base = "IntEnum" if kind == "enumeration" else "IntFlag"
        text += f'\n\nclass {name}({base}):\n    """{doc} The C type is ``{group}``."""\n'
        for row, value, meaning in rows:
            shown = hex(value) if kind == "flags" else str(value)
            text += f"\n{comment(meaning)}    {member(row, prefixes)} = {shown}\n"
    return text


def result(module: Any) -> str:
    text = HEAD.format(title="Result codes, with the numbers of Windows.")
    text += "from __future__ import annotations\n\nfrom enum import IntEnum\n\n"
    text += '__all__ = ["ResultCode"]\n\n\n'
    text += 'class ResultCode(IntEnum):\n    """What a call returns, and why a job stopped. Negative values are failures."""\n'
    for name, value, meaning in module.result_codes():
        shown = str(value) if value >= 0 else f"{value}  # 0x{value & 0xFFFFFFFF:08X}"
        text += f"\n{comment(meaning)}    {name} = {shown}\n"
    return text


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    module = native()
    (directory / "enums.py").write_text(enums(module), encoding="utf-8")
    (directory / "result.py").write_text(result(module), encoding="utf-8")


if __name__ == "__main__":
    main()
