import bash from './shells/presence.bash'
import fish from './shells/presence.fish'
import zsh from './shells/presence.zsh'

/**
 * What a shell loads. Each asks `presence complete -- <the words up to the cursor>` and gets a line for each word that
 * fits, with a tab and what it is about behind it.
 *
 * Written here, not taken from the kept library (@bomb.sh/tab 0.0.22): labels are others' text, and its bash script
 * hands them to `compgen -W`, which ran the command in a label `node:$(…)` when somebody pressed Tab; it evaluates the
 * line that is being typed, and in bash and zsh it loses every label, for they hold colons.
 */
export const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish }
