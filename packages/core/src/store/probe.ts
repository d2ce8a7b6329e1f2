import type { BoardVersions } from './migration.ts'

/** What was asked of a board, or why there is no answer: one question that is denied leaves the others standing. */
export type Probe<T> = { readonly value: T } | { readonly fault: unknown }

export async function probe<T>(ask: () => T | Promise<T>): Promise<Probe<T>> {
  try {
    return { value: await ask() }
  } catch (fault) {
    return { fault }
  }
}

/** How many claims a board holds. */
export interface Room {
  readonly rows: number
  readonly live: number
  /** Lapsed more than a day ago: whoever claims next may delete them. */
  readonly due: number
}

/** The migrations that a board has, and what this presence would do with it: tags, in order. */
export interface SchemaProgress extends BoardVersions {
  readonly present: readonly string[]
  readonly pending: readonly string[]
  /** On the board, and unknown to this presence. */
  readonly unknown: readonly string[]
  /** Tables that the present ones made and that are gone. */
  readonly missing: readonly string[]
}
