# Completion of logship in fish. It asks the program, which knows its commands, its options and this host.

function __logship_candidates
    set -l before (commandline -opc)
    set -l token (commandline -ct)
    set -l head (string match -r -- '^--[^=]*=' "$token")
    for line in (logship completion fish $before[2..-1] "$token" 2>/dev/null)
        switch $line
            case :files
                printf "$head%s\n" (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$token"))
            case :directories
                printf "$head%s\n" (__fish_complete_directories (string replace -r -- '^--[^=]*=' '' "$token"))
            case '*'
                printf '%s%s\n' "$head" $line
        end
    end
end

complete -c logship -f -a '(__logship_candidates)'
