import bash from './shells/presence.bash'
import fish from './shells/presence.fish'
import zsh from './shells/presence.zsh'

/**
 * The scripts that a shell loads. Each calls `presence complete -- <the words up to the cursor>` and gets one
 * line for each word that fits: the word, a tab, and a description.
 *
 * Written here instead of using a library (@bomb.sh/tab 0.0.22), because labels are text from others: the
 * library's bash script passes them to `compgen -W`, which ran the command in a label `node:$(…)` when the
 * user pressed Tab. It also evaluates the line that is being typed, and in bash and zsh it loses every label,
 * because labels contain colons.
 */
export const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish }
