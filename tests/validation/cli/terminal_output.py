"""What a terminal shows after a command's output."""

import re


def screen(output: str) -> list[str]:
    """Return the lines that a terminal shows after this output."""
    lines, column = [""], 0
    for sign in re.findall(r"\x1b\[K|[^\x1b]", output):
        line = lines[-1]
        if sign == "\r":
            column = 0
        elif sign == "\n":
            lines.append("")
        elif sign == "\x1b[K":
            lines[-1] = line[:column]
        else:
            lines[-1] = f"{line[:column]:{column}}{sign}{line[column + 1 :]}"
            column += 1
    return lines


def drawn(output: str) -> list[str]:
    """Return the lines that replaced each other, without the final erasure."""
    return [line for line in re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", output) if line]
