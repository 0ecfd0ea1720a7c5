/** Shell code that completes vmemctl by `vmemctl complete --line LINE`, which prints words with their meanings after a tab. */
export const scripts = {
  bash: `# completion of vmemctl for bash: source <(vmemctl completion bash)
_vmemctl() {
  local line=\${COMP_LINE:0:COMP_POINT} value help
  local word=\${line##*[[:space:]]}
  # readline replaces only what follows the last of these
  local head=\${word%"\${word##*[=:]}"}
  COMPREPLY=()
  while IFS=$'\\t' read -r value help; do
    printf -v value %q "\${value#"$head"}"
    COMPREPLY+=("$value")
  done < <("\${COMP_WORDS[0]}" complete --line "$line" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
}
complete -o default -F _vmemctl vmemctl ./vmemctl
`,
  zsh: `#compdef vmemctl
# completion of vmemctl for zsh: source <(vmemctl completion zsh), or save it as _vmemctl in a folder of $fpath
_vmemctl() {
  local value help
  local -a whole open
  while IFS=$'\\t' read -r value help; do
    if [[ $value == *= ]]; then open+=("\${value//:/\\\\:}")
    else whole+=("\${value//:/\\\\:}\${help:+:$help}")
    fi
  done < <(\${words[1]} complete --line "\${(j: :)words[1,CURRENT]}" 2>/dev/null)
  if (( $#whole + $#open == 0 )); then
    _files
    return
  fi
  (( $#whole )) && _describe vmemctl whole
  (( $#open )) && _describe vmemctl open -S ''
}
if [ "$funcstack[1]" = _vmemctl ]; then _vmemctl; else compdef _vmemctl vmemctl; fi
`,
  fish: `# completion of vmemctl for fish: vmemctl completion fish | source
complete -c vmemctl -f -a '(vmemctl complete --line (commandline -cp) 2>/dev/null)'
complete -c vmemctl -l pki -l ca -l cert -l key -s f -l file -r -F
`,
} as const;

export type Shell = keyof typeof scripts;
