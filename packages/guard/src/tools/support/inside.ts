import type { Word } from '../tool.ts'
import { lineOf } from './line.ts'

/**
 * Programs that change the machine or container they run in. In a container that others use, that is a change of the
 * container; on this machine's own files the guard is silent.
 */
const CHANGING =
  `apk apt apt-get chgrp chmod chown cp dd dnf dpkg install kill killall ln mkdir mkfs mount mv nginx
npm pip pkill rm rmdir sed shred tee touch truncate umount unlink useradd usermod userdel yum`.split(/\s+/)

const CHANGES = new RegExp(
  `(^|[;&|(\\n]|\\s-c)\\s*['"]?\\s*(sudo\\s+)?(\\S*/)?(${CHANGING.join('|')})(\\s|$)`,
)
/** These read with some of their flags. */
const READS =
  /(^|[;&|(\n]|\s-c)\s*['"]?\s*(\S*\/)?(nginx\s+-[tTvV]|kill\s+-[0l]|sed\s+(?!.*(-i|--in-place))|(apk|apt|apt-get|dnf|dpkg|npm|pip|yum)\s+(-[lLs]|info|list|search|show|check|version|ls|view))/

/** Whether a command that runs in a container changes that container. */
export function changesInside(words: readonly Word[]): boolean {
  const line = lineOf(words)
  return CHANGES.test(line) && !READS.test(line)
}
