import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { messageOf, type Say } from './say.ts'

/** What is passed on. SIGTSTP and SIGCONT are left to the kernel: the command stops and goes on with its group. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
/** Those of them that end the waiting for a claim. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
/** What a terminal sends to every process in its foreground at a key. */
const FROM_KEYS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

/**
 * The signals that this process gets, from now until its end: none of them ends it. Before there is a command they end
 * the waiting; from then on they are the command's.
 */
export class Signals {
  readonly #interruption = new AbortController()
  readonly #say: Say
  #command: ChildProcess | undefined

  constructor(say: Say) {
    this.#say = say
    for (const name of PASSED_ON) process.on(name, () => this.#take(name))
  }

  /** Fires at a signal that comes before there is a command; its reason is the signal's name. */
  get interruption(): AbortSignal {
    return this.#interruption.signal
  }

  passTo(command: ChildProcess): void {
    this.#command = command
  }

  #take(name: NodeJS.Signals): void {
    if (!this.#command) {
      if (ENDING.includes(name)) this.#interruption.abort(name)
      return
    }
    // The command got it already, and some take a second one for an order to drop everything.
    if (FROM_KEYS.includes(name) && inForeground()) return
    const { pid, exitCode, signalCode } = this.#command
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    try {
      process.kill(pid, name)
    } catch (error) {
      // Another user's (sudo): it goes on, and so do its claims.
      this.#say(`warning: ${name} could not be passed on to the command: ${messageOf(error)}`)
    }
  }
}

/** Is this process in the foreground of a terminal, where a key's signal goes to its whole group? */
function inForeground(): boolean {
  try {
    // proc_pid_stat(5): behind the name in parentheses state, ppid, pgrp, session, tty_nr, tpgid.
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return terminal !== '0' && group === foreground
  } catch {
    const { isatty } = process.getBuiltinModule('node:tty')
    return [0, 1, 2].some(isatty)
  }
}
