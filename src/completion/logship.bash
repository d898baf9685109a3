# Completion of logship in bash. It asks the program, which knows its commands, its options and this host.

_logship() {
    local IFS=$'\n' line word=${COMP_WORDS[COMP_CWORD]}
    [[ $word != [=:] ]] || word=''
    COMPREPLY=()
    while read -r line; do
        case $line in
            :files) compopt -o filenames && COMPREPLY+=($(compgen -f -- "$word")) ;;
            :directories) compopt -o filenames && COMPREPLY+=($(compgen -d -- "$word")) ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <(logship completion bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
}

complete -F _logship logship
