"""The tus protocol, for resumable uploads as well: its authors' server, with curl as the client."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ["@tus/server@2", "@tus/file-store@2"]


def install(place: Path):
    """Fetches the program's packages into a directory, where npm can."""
    if not shutil.which("npm") or not shutil.which("node"):
        return
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "tus.mjs", place)
    if not (place / "node_modules").is_dir():
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), *PACKAGES]
        subprocess.run(command, check=False, timeout=120, stdout=subprocess.DEVNULL)


def program(place: Path) -> list[str] | None:
    """What starts the server; None where it could not be had."""
    return ["node", str(place / "tus.mjs")] if (place / "node_modules" / "@tus" / "server").is_dir() else None


def upload(port: int, source: Path) -> list[str]:
    """curl, which makes an upload of this file's name and sends all of it with one request."""
    curl = ["curl", "--disable", "-s", "-S", "--no-progress-meter", "--fail"]
    said = ["-H", "Tus-Resumable: 1.0.0", "-o", "/dev/null"]
    base = f"http://127.0.0.1:{port}/files"
    made = [*curl, *said, "-X", "POST", "-H", f"Upload-Length: {source.stat().st_size}", base]
    sent = ["-s", "-S", "--fail", *said, "-X", "PATCH", "-H", "Expect:", "-H", "Upload-Offset: 0",
            "-H", "Content-Type: application/offset+octet-stream", "-T", str(source), f"{base}/{source.name}"]
    return [*made, "--next", *sent]
