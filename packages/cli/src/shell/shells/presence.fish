# presence in fish: a note, before a command runs, if others hold what it would change.
function __presence_note --on-event fish_preexec
    string match -qr '[^A-Za-z0-9_.-](@NAMES@)[^A-Za-z0-9_.-]' -- " $argv[1] "; or return 0
    command presence guard --holders -- "$argv[1]" </dev/null >&2
end
