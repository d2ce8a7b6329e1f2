import { realpathSync } from 'node:fs'
import type { ReadText } from '../wiring/wire.ts'

/** Files as they would be after edits that have not been written yet. */
export class Draft {
  readonly #texts = new Map<string, string>()
  readonly #below: ReadText

  constructor(below: ReadText) {
    this.#below = below
  }

  readonly read: ReadText = path => this.#texts.get(realPath(path)) ?? this.#below(path)

  put(path: string, text: string): void {
    this.#texts.set(realPath(path), text)
  }
}

/** Two names of one file are one file. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
