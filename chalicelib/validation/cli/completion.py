"""Completion scripts for shells: commands, options and files."""

import argparse
from collections.abc import Mapping

_BASH = """_assay() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" words
    case "${{COMP_WORDS[1]}}" in
{cases}
        *) words="{commands}" ;;
    esac
    [ "$COMP_CWORD" -eq 1 ] && words="{commands}"
    COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}}
complete -o filenames -F _assay assay"""


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that completes the command `assay` in a shell."""
    commands = _commands(parser)
    options = {name: sorted(command._option_string_actions) for name, command in commands.items()}  # noqa: SLF001
    if shell == "fish":
        lines = [f"complete -c assay -n __fish_use_subcommand -a '{' '.join(commands)}'"]
        for name, known in options.items():
            longs = (option[2:] for option in known if option.startswith("--"))
            lines += [f"complete -c assay -n '__fish_seen_subcommand_from {name}' -l {option}" for option in longs]
        return "\n".join(lines)
    cases = "\n".join(f'        {name}) words="{" ".join(known)}" ;;' for name, known in options.items())
    bash = _BASH.format(cases=cases, commands=" ".join(commands))
    return f"autoload -Uz bashcompinit && bashcompinit\n{bash}" if shell == "zsh" else bash


def _commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    actions = parser._actions  # noqa: SLF001 - argparse has no other way to list them
    return next(action.choices for action in actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
