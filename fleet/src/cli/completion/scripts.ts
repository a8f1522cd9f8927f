/** What each shell loads: all of them ask `complete`, which prints `WORD<tab>WHAT IT IS` lines. */

export const completionShells = ['bash', 'zsh', 'fish'] as const
export type CompletionShell = (typeof completionShells)[number]

const bash = `# bash completion of timeball
_timeball() {
  local line=\${COMP_LINE:0:COMP_POINT} cur before
  local -a words
  IFS=$' \\t' read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=\${words[-1]}
  mapfile -t COMPREPLY < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null | cut -f 1)
  # bash parts words at colons, and wants only what comes after the last.
  if [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]]; then
    before=\${cur%"\${cur##*:}"}
    COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  fi
}
complete -o default -F _timeball timeball
`

const zsh = `#compdef timeball
_timeball() {
  local line word
  local -a found
  for line in "\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    word=\${line%%$'\\t'*}
    [[ -n $word ]] && found+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#found )); then
    _describe word found
  else
    _files
  fi
}
if [[ $funcstack[1] == _timeball ]]; then
  _timeball "$@"
else
  compdef _timeball timeball
fi
`

const fish = `# fish completion of timeball
function __timeball_complete
  set -l words (commandline -opc)
  set -l found ($words[1] complete -- $words[2..] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c timeball -f -a '(__timeball_complete)'
`

export const completionScripts = { bash, zsh, fish } as const satisfies Record<
  CompletionShell,
  string
>
