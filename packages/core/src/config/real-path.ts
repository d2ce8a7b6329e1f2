import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'

/** The system's own limit. */
const LINKS_MAX = 40

/**
 * Where a path leads, through every link, also if there is no file yet: a program that opens a link to nothing
 * makes the file that the link names.
 */
export function realPath(path: string, links = LINKS_MAX): string {
  try {
    return realpathSync(path)
  } catch {
    const folder = dirname(path)
    if (folder === path) return path
    const whole = join(realPath(folder, links), basename(path))
    const isLink = links > 0 && isLinkAt(whole)
    return isLink ? realPath(resolve(dirname(whole), readlinkSync(whole)), links - 1) : whole
  }
}

function isLinkAt(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

/** Whether a path, through every link, is below a folder. */
export function isInside(folder: string, path: string): boolean {
  const inside = relative(realPath(folder), realPath(path))
  return inside !== '' && inside !== '..' && !inside.startsWith('../') && !isAbsolute(inside)
}
