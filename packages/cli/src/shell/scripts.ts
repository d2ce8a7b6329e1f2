import bash from './shells/presence.bash'
import fish from './shells/presence.fish'
import zsh from './shells/presence.zsh'

/**
 * The scripts that a shell loads, with `@NAMES@` for the names of the guarded programs. Each calls
 * `presence guard --holders -- <the line>` before a line runs in which one of these names is a word.
 */
export const SCRIPTS: Readonly<Record<string, string>> = { bash, zsh, fish }
