import { existsSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { replaceFile } from '@presence/core/internal'
import { putText } from '../wiring/wire.ts'

/** A file's new text; undefined to delete it. */
export interface Replacement {
  readonly path: string
  readonly text: string | undefined
}

/**
 * Replaces several files, all or none: if one can't be written, those before it get their old content back.
 * @throws PresenceError `not_writable`
 */
export function replaceAll(replacements: readonly Replacement[]): void {
  const undone: (() => void)[] = []
  try {
    for (const { path, text } of replacements) {
      const [folders, restore] = [missingFolders(path), restoring(path)]
      undone.push(() => removeFolders(folders))
      putText(path, text)
      undone.push(restore)
    }
  } catch (error) {
    for (const undo of undone.toReversed()) undo()
    throw error
  }
}

/** The folders above a path that don't exist yet, the deepest first. */
export function missingFolders(path: string): readonly string[] {
  const folder = dirname(path)
  return existsSync(folder) || folder === path ? [] : [folder, ...missingFolders(folder)]
}

/**
 * Removes folders that are empty.
 * @returns those that are left
 */
export function removeFolders(folders: readonly string[]): readonly string[] {
  const deepestFirst = folders.toSorted((one, other) => other.length - one.length)
  return deepestFirst.filter(folder => {
    try {
      rmdirSync(folder)
      return false
    } catch {
      return existsSync(folder)
    }
  })
}

function restoring(path: string): () => void {
  if (!existsSync(path)) return () => rmSync(path, { force: true })
  const [content, mode] = [readFileSync(path), statSync(path).mode & 0o777]
  return () => replaceFile(path, content, { mode })
}
