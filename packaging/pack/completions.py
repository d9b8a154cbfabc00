"""What bash, zsh and fish complete after `linnet`."""

from __future__ import annotations

from collections.abc import Iterator

from pack.command_line import WINDOW_OPTIONS, Command, Option, commands
from pack.product import Product

FILES = ("DIR", "FILE", "PATH-OR-ADDRESS")
"""What the parser calls the value of an option that is a file."""


def bash(made: Product) -> str:
    """What bash completes; the value of an option, where nothing is known of it, as a file."""
    names = "|".join(each.name for each in commands())
    cases = "\n".join(f'    {each.name}) words="{_words(each)}" ;;' for each in commands())
    values = "\n".join(
        f'    {option.names[-1]}) words="{" ".join(option.choices)}" ;;'
        for option in _all_options()
        if option.choices
    )
    window = [name for name, value, _ in WINDOW_OPTIONS if value]
    others = [o.names[-1] for o in _all_options() if o.value and not o.choices]
    plain = "|".join(name for name in dict.fromkeys([*window, *others]) if name != "--home")
    first = " ".join([each.name for each in commands()] + [name for name, *_ in WINDOW_OPTIONS])
    return f"""# bash completion for {made.name}
_{made.name}() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} words='' word command=''
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in {names}) command=$word; break ;; esac
  done
  case $command in
{cases}
    *) words="{first}" ;;
  esac
  case ${{COMP_WORDS[COMP_CWORD - 1]}} in
{values}
    --home)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
    {plain}) words='' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}}
complete -o default -F _{made.name} {made.name}
"""


def fish(made: Product) -> str:
    """What fish completes."""
    names = " ".join(each.name for each in commands())
    lines = [f"# fish completion for {made.name}"]
    for name, value, words in WINDOW_OPTIONS:
        takes = " -r" if value else ""
        lines.append(f"complete -c {made.name} -n 'not __fish_seen_subcommand_from {names}' "
                     f"-l {name[2:]}{takes} -d '{_quoted(words)}'")  # fmt: skip
    for command in commands():
        lines.append(f"complete -c {made.name} -n 'not __fish_seen_subcommand_from {names}' "
                     f"-a {command.name} -d '{_quoted(command.words)}'")  # fmt: skip
        for option in command.options:
            takes = f" -x -a '{' '.join(option.choices)}'" if option.choices else ""
            takes = takes or (" -r" if option.value else "")
            lines.append(
                f"complete -c {made.name} -n '__fish_seen_subcommand_from {command.name}' "
                f"-l {option.names[-1][2:]}{takes} -d '{_quoted(option.words)}'"
            )
    return "\n".join(lines) + "\n"


def zsh(made: Product) -> str:
    """What zsh completes."""
    described = " ".join(f"'{each.name}:{_zsh(each.words)}'" for each in commands())
    cases = []
    for command in commands():
        rows = []
        for option in command.options:
            value = f":{option.value.lower()}:" if option.value else ""
            if option.choices:
                value += f"({' '.join(option.choices)})"
            elif option.value in FILES:
                value += "_files"
            rows.append(f"'{option.names[-1]}[{_zsh(option.words)}]{value}'")
        rows.append("'*:file:_files'")
        cases.append(f"    {command.name}) _arguments {' '.join(rows)} ;;")
    window = " ".join(
        f"'{name}[{_zsh(words)}]{f':{value.lower()}:_files' if value else ''}'"
        for name, value, words in WINDOW_OPTIONS
    )
    body = "\n".join(cases)
    return f"""#compdef {made.name}
_{made.name}() {{
  local -a commands
  commands=({described})
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    _files
    return
  fi
  case ${{words[(r)({"|".join(each.name for each in commands())})]}} in
{body}
    *) _arguments {window} '*:command or file:{{_describe command commands; _files}}' ;;
  esac
}}
_{made.name} "$@"
"""


def _all_options() -> Iterator[Option]:
    seen = set()
    for command in commands():
        for option in command.options:
            if option.names not in seen:
                seen.add(option.names)
                yield option


def _words(command: Command) -> str:
    return " ".join(option.names[-1] for option in command.options)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _zsh(text: str) -> str:
    return text.replace("'", "’").replace("[", "(").replace("]", ")").replace(":", ",")
