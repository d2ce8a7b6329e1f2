# presence: completion for fish. To use it: presence completion fish | source
function __presence_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    presence complete -- $words[2..-1] "$current" 2>/dev/null
end
complete -c presence -e
complete -c presence -f -a '(__presence_complete)'
