"""Lines out of pieces of a stream."""


class LineTooLongError(ValueError):
    pass


class LineSplitter:
    """Cuts a stream of bytes at its line feeds, wherever its pieces begin and end.

    Only whole lines come out, so no character is ever cut in two and each line can be decoded by itself.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun: list[bytes] = []  # the pieces of the line that has not ended yet
        self._size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next piece; return the lines that it ends.

        Raises:
            LineTooLongError: a line is longer than `limit` bytes.
        """
        *ended, rest = piece.split(b"\n")
        lines = [self._end(part) for part in ended]
        self._add(rest)
        return lines

    def rest(self) -> bytes:
        """Return what came after the last line feed."""
        return b"".join(self._begun)

    def _end(self, part: bytes) -> bytes:
        self._add(part)
        line = self.rest()
        self._begun, self._size = [], 0
        return line

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise LineTooLongError
        if part:
            self._begun.append(part)
