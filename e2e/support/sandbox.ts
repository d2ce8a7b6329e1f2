import { spawnSync } from 'node:child_process'

/**
 * Forbids `connect` by a seccomp filter, as Codex's sandbox does on Linux, and starts the command in its place. The
 * numbers of the call are from the kernel's tables (x86-64 and arm64); 0x7fff0000 lets a call through, and 0x00050001
 * makes it fail with EPERM.
 */
const NO_CONNECT = `
import ctypes, os, platform, struct, sys
connect = {'x86_64': 42, 'aarch64': 203}[platform.machine()]
code = b''.join(struct.pack('HBBI', *each) for each in [
    (0x20, 0, 0, 0), (0x15, 0, 1, connect), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)])
program = ctypes.create_string_buffer(code, len(code))
filter = struct.pack('HxxxxxxQ', len(code) // 8, ctypes.addressof(program))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, filter, 0, 0): sys.exit('no seccomp: %d' % ctypes.get_errno())
os.execvp(sys.argv[1], sys.argv[1:])
`

/** Words before a command that run it where nothing can be connected to. */
export const withoutConnect: readonly string[] = ['python3', '-c', NO_CONNECT]

/** Words before a command that run it where a folder is on a read-only file system. Only root may do this. */
export function withReadOnly(folder: string): readonly string[] {
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
  return ['unshare', '-m', 'sh', '-c', script, folder]
}

/** Whether this machine has what the first of these needs. */
export const canForbidConnect =
  process.platform === 'linux' && spawnSync('python3', [...withoutConnect.slice(1), 'true']).status === 0
