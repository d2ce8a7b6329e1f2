import type { BoardVersions } from './migration.ts'

/**
 * The answer to one question about a board, or the fault. If one question is denied, the others are still
 * answered.
 */
export type Probe<T> = { readonly value: T } | { readonly fault: unknown }

/** @param asFault turns what was thrown into the fault */
export async function probe<T>(
  ask: () => T | Promise<T>,
  asFault: (error: unknown) => unknown = error => error,
): Promise<Probe<T>> {
  try {
    return { value: await ask() }
  } catch (error) {
    return { fault: asFault(error) }
  }
}

/** The number of claims on a board. */
export interface Room {
  readonly rows: number
  readonly live: number
  /** Lapsed more than a day ago, so that any later claim may delete them. */
  readonly due: number
}

/** The migrations of a board, compared with this presence's: tags, in order. */
export interface SchemaProgress extends BoardVersions {
  readonly present: readonly string[]
  readonly pending: readonly string[]
  /** On the board, but unknown to this presence. */
  readonly unknown: readonly string[]
  /** Tables that the present migrations created and that no longer exist. */
  readonly missing: readonly string[]
}
