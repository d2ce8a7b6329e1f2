import { realpathSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Environment } from '@presence/core'
import {
  configFolder,
  fnv1a,
  isNowhere,
  makeFolder,
  objectIn,
  ownText,
  replaceFile,
} from '@presence/core/internal'
import { missingFolders, removeFolders } from './replace-all.ts'

/** A file as it was before setup, for files that an edit alone can't bring back, such as an empty one. */
interface Original {
  /** Null if there was none. */
  readonly text: string | null
  /** Which text setup left. If the file has another one now, its user has changed it. */
  readonly left: string
}

/** The board's address that setup wrote into a config file. */
export interface WrittenBoard {
  readonly path: string
  /** Which address. Not the address itself: it may contain a password. */
  readonly dsn: string
  /** What this user trusts because of it. */
  readonly trusted: readonly string[]
}

interface Content {
  readonly place: string
  readonly files: Readonly<Record<string, Original>>
  readonly folders: readonly string[]
  readonly board?: WrittenBoard | undefined
}

const BYTES_MAX = 16 * 1024 * 1024

/**
 * What setup made for a project, or for the user, so that it can be taken out byte for byte. The file is in the
 * folder of the user's configuration, where a sandboxed agent can't write, and readable only by the user.
 */
export class SetupRecord {
  readonly #path: string
  readonly #place: string
  #content: Content

  /** @param project undefined for the user's own files */
  constructor(project: string | undefined, env: Environment) {
    const folder = configFolder(env)
    this.#place = project === undefined ? '' : realPath(project)
    const name =
      basename(this.#place)
        .replaceAll(/[^\w.-]/g, '_')
        .slice(0, 60) || 'user'
    this.#path = join(folder, 'setup', `${name}-${markOf(this.#place)}.json`)
    const none = { place: this.#place, files: {}, folders: [] }
    const found = isNowhere(folder) ? undefined : objectIn(ownText(this.#path, BYTES_MAX) ?? '')
    this.#content = found?.['place'] === this.#place ? { ...none, ...found } : none
  }

  /** The file as it was before setup; undefined if only an edit can tell. */
  original(path: string, now: string | undefined): string | null | undefined {
    const original = Object.hasOwn(this.#content.files, path) ? this.#content.files[path] : undefined
    return original && now !== undefined && original.left === markOf(now) ? original.text : undefined
  }

  get board(): WrittenBoard | undefined {
    return this.#content.board
  }

  /**
   * Writes the record, and then does the work that it is about. If the work fails, the record is as it was.
   *
   * @returns why the record couldn't be written; the work was done all the same
   */
  during(note: () => void, work: () => void): Error | undefined {
    const before = this.#content
    note()
    const problem = this.trySave()
    try {
      work()
    } catch (error) {
      this.#content = before
      if (problem === undefined) this.clean(false)
      throw error
    }
    return problem
  }

  /** Writes what was kept; returns why it couldn't be written. */
  trySave(): Error | undefined {
    try {
      this.#save()
      return undefined
    } catch (error) {
      return error as Error
    }
  }

  /** Remembers a file before it is written, and the folders that are made for it. */
  keep(path: string, original: string | null | undefined, left: string): void {
    const files = { ...this.#content.files }
    delete files[path]
    if (original !== undefined) files[path] = { text: original, left: markOf(left) }
    this.#put({ files, folders: [...new Set([...this.#content.folders, ...missingFolders(path)])] })
  }

  keepBoard(board: WrittenBoard | undefined, folders: readonly string[] = []): void {
    this.#put({ board, folders: [...new Set([...this.#content.folders, ...folders])] })
  }

  forget(path: string): void {
    const files = { ...this.#content.files }
    delete files[path]
    this.#put({ files })
  }

  #put(changed: Partial<Content>): void {
    this.#content = { ...this.#content, ...changed }
  }

  #save(): void {
    const made = missingFolders(this.#path)
    this.#put({ folders: [...new Set([...this.#content.folders, ...made])] })
    if (this.#isEmpty()) return
    makeFolder(dirname(this.#path))
    replaceFile(this.#path, `${JSON.stringify(this.#content)}\n`, { mode: 0o600, flush: true })
  }

  /**
   * Removes the folders that setup made, if they are empty now, and the record itself if nothing of it is left.
   *
   * @param everything whether everything was taken out, so that folders that are not empty are the user's now
   */
  clean(everything: boolean): void {
    const own = dirname(this.#path)
    const left = removeFolders(this.#content.folders)
    const others = left.filter(folder => folder !== own && !own.startsWith(join(folder, '/')))
    this.#put({ folders: left })
    const { files, board } = this.#content
    if (Object.keys(files).length > 0 || board || (others.length > 0 && !everything)) {
      this.trySave()
      return
    }
    rmSync(this.#path, { force: true })
    removeFolders([own, ...left])
  }

  #isEmpty(): boolean {
    const { files, folders, board } = this.#content
    return Object.keys(files).length === 0 && folders.length === 0 && board === undefined
  }
}

/** Tells texts apart. */
export function markOf(text: string): string {
  return `${fnv1a(text, 0x811c9dc5)}${fnv1a(text, 0x1234567)}`
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
