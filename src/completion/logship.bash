# Completion of logship in bash. It asks the program, which knows its commands, its options and this host.

_logship() {
    local IFS=$'\n' line word=${COMP_WORDS[COMP_CWORD]} has_files=no index files=()
    [[ $word != [=:] ]] || word=''
    COMPREPLY=()
    while read -r line; do
        case $line in
            :files) has_files=yes && mapfile -t files < <(compgen -f -- "$word") ;;
            :directories) has_files=yes && mapfile -t files < <(compgen -d -- "$word") ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <(logship completion bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
    # The names of services and profiles are a stranger's, and what bash puts into a line it does not quote, or not as a
    # word that has to stay as it is: beside files such a name is left out.
    for index in "${!COMPREPLY[@]}"; do
        printf -v line %q "${COMPREPLY[index]}"
        if [[ $has_files == no ]]; then
            COMPREPLY[index]=$line
        elif [[ $line != "${COMPREPLY[index]}" ]]; then
            unset "COMPREPLY[index]"
        fi
    done
    [[ $has_files == no ]] || compopt -o filenames
    COMPREPLY+=("${files[@]}")
}

complete -F _logship logship
