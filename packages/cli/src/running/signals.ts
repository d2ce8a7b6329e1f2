import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { onSignal } from '@presence/process'
import { messageOf, type Say } from './say.ts'

/**
 * The signals that are passed on. SIGTSTP and SIGCONT are left to the kernel: the command stops and continues
 * with its group.
 */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
/** Signals that also end the wait for a claim. */
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
/** Signals that a terminal sends to every process in its foreground when a key is pressed. */
const FROM_KEYS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

/**
 * Handles the signals to this process, from now until it ends; none of them ends it. Before there is a
 * command they end the wait; afterwards they are passed on to the command. A signal that was ignored at the start stays
 * ignored.
 */
export class Signals {
  readonly #interruption = new AbortController()
  readonly #say: Say
  #command: ChildProcess | undefined

  constructor(say: Say) {
    this.#say = say
    for (const name of PASSED_ON) onSignal(name, () => this.#take(name))
  }

  /** Aborts at a signal that comes before there is a command; its reason is the signal's name. */
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
    // The command got the signal already, and some commands treat a second one as an order to quit at once.
    if (FROM_KEYS.includes(name) && inForeground()) return
    const { pid, exitCode, signalCode } = this.#command
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    try {
      process.kill(pid, name)
    } catch (error) {
      // The command belongs to another user (sudo): it continues, and so do its claims.
      this.#say(`warning: ${name} could not be passed on to the command: ${messageOf(error)}`)
    }
  }
}

/** True if this process is in the foreground of a terminal, where a key's signal goes to the whole group. */
function inForeground(): boolean {
  try {
    // proc_pid_stat(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return terminal !== '0' && group === foreground
  } catch {
    const { isatty } = process.getBuiltinModule('node:tty')
    return [0, 1, 2].some(isatty)
  }
}
