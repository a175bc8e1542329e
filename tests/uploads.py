"""Files as a browser hands them to an upload button."""

from datetime import UTC, datetime


def file_of(name, content):
    """The value of a FileUpload that was given one file."""
    raw = content if isinstance(content, bytes) else content.encode()
    at = datetime(2026, 11, 26, tzinfo=UTC)
    return ({"name": name, "type": "", "size": len(raw), "content": memoryview(raw), "last_modified": at},)
