#compdef logship
# Completion of logship in zsh. It asks the program, which knows its commands, its options and this host.

_logship() {
  local line
  local -a candidates lines
  lines=("${(@f)$(logship completion zsh "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  # What stands before the sign of --option=value stays.
  [[ ${words[CURRENT]} != --*=* ]] || compset -P '*='
  for line in $lines; do
    case $line in
      :files) _files ;;
      :directories) _files -/ ;;
      *) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  (( $#candidates == 0 )) || _describe -V logship candidates
}

# A function that zsh loads by its name is called at once; a file that is read only defines it.
if [[ $funcstack[1] == _logship ]]; then
  _logship "$@"
else
  compdef _logship logship
fi
