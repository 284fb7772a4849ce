"""Zips, good ones and evil ones."""

import io
import stat
import zipfile


def zipped(files, method=zipfile.ZIP_DEFLATED, when=(2026, 11, 20, 10, 0, 0)):
    """A zip of contents by name; ``None`` is a link to /etc/passwd."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened:
        for name, content in files if isinstance(files, list) else files.items():
            info = zipfile.ZipInfo(name, when)
            info.compress_type = method
            if content is None:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                content = b"/etc/passwd"
            opened.writestr(info, content)
    return made.getvalue()
