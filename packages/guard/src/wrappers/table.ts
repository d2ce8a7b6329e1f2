/** How a program that runs another command is read. */
export interface Wrapper {
  readonly names: readonly string[]
  /** Flags with a value, as in `FlagTable`. */
  readonly values?: readonly string[]
  /** Words before the command: `timeout 30 kubectl …` has one. */
  readonly operands?: number
  /** True if `A=b` may stand before the command. */
  readonly hasAssignments?: boolean
  /** With one of these flags no command runs. */
  readonly silentWith?: readonly string[]
  /** The flag whose value is a command line: `su -c '…'`. It may stand anywhere. */
  readonly line?: string
  /** Words of which one has to come first: `op run -- …`. */
  readonly verbs?: readonly string[]
  /** True if the verb is the program itself: `k3s kubectl …`. */
  readonly isVerbProgram?: boolean
  /** True if the command follows `--`. */
  readonly isAfterDashes?: boolean
  /** True if the words are joined and read by a shell. */
  readonly isJoined?: boolean
  /** True if it runs where this machine's files don't count. */
  readonly isRemote?: boolean
  /** True if it runs in this same shell. */
  readonly isSame?: boolean
  /** The flag that changes the working directory. */
  readonly folder?: string
  /** Who names the user as whom the command runs: a flag, or else the first word. Without a name it is root. */
  readonly user?: { readonly flag?: string; readonly isWord?: boolean }
}

/** Programs that run another command. `sudo`, `env` and the like differ only in their flags. */
export const WRAPPERS: readonly Wrapper[] = [
  {
    names: ['sudo'],
    values: [
      '-u --user',
      '-g --group',
      '-h --host',
      '-p --prompt',
      '-C --close-from',
      '-T --command-timeout',
      '-U --other-user',
      '-R --chroot',
      '-D --chdir',
      '-r --role',
      '-t --type',
    ],
    hasAssignments: true,
    silentWith: ['l', 'list', 'v', 'validate', 'K', 'e', 'edit', 'version', 'V'],
    folder: 'chdir',
    user: { flag: 'user' },
  },
  { names: ['doas'], values: ['-u', '-C', '-a'], silentWith: ['L', 'C'], user: { flag: 'u' } },
  {
    names: ['env'],
    values: [
      '-u --unset',
      '-C --chdir',
      '-S --split-string',
      '-a --argv0',
      '--block-signal',
      '--default-signal',
    ],
    hasAssignments: true,
    folder: 'chdir',
  },
  { names: ['nohup', 'chronic', 'caffeinate', 'eatmydata', 'torsocks', 'unbuffer', 'noglob', 'nocorrect'] },
  { names: ['sshpass'], values: ['-p', '-f', '-d', '-P'] },
  { names: ['time', 'gtime'], values: ['-f --format', '-o --output'] },
  { names: ['timeout', 'gtimeout'], values: ['-s --signal', '-k --kill-after'], operands: 1 },
  { names: ['nice'], values: ['-n --adjustment'] },
  { names: ['ionice'], values: ['-c --class', '-n --classdata', '-p --pid', '-P --pgid', '-u --uid'] },
  { names: ['chrt'], operands: 1 },
  { names: ['taskset'], operands: 1 },
  { names: ['numactl'], values: ['-N --cpunodebind', '-m --membind', '-i --interleave', '-C --physcpubind'] },
  { names: ['stdbuf'], values: ['-i --input', '-o --output', '-e --error'] },
  { names: ['setsid', 'setarch', 'tini', 'dumb-init', 'catchsegv'] },
  { names: ['command', 'builtin', '-'], silentWith: ['v', 'V'], isSame: true },
  { names: ['exec'], values: ['-a'], isSame: true },
  {
    names: ['strace', 'ltrace'],
    values: ['-e', '-o', '-p', '-s', '-u', '-a', '-b', '-E', '-I', '-O', '-P', '-S', '-X', '-n', '-l', '-x'],
  },
  { names: ['nsenter'], values: ['-t --target', '-S --setuid', '-G --setgid'] },
  { names: ['unshare'], values: ['-S --setuid', '-G --setgid', '-R --root', '-w --wd'] },
  { names: ['chroot'], values: ['--groups', '--userspec'], operands: 1, isRemote: true },
  { names: ['gosu', 'su-exec', 'setuidgid'], operands: 1, user: { isWord: true } },
  { names: ['faketime'], values: ['-f'], operands: 1 },
  { names: ['proxychains', 'proxychains4'], values: ['-f'] },
  {
    names: ['xvfb-run'],
    values: ['-s --server-args', '-n --server-num', '-e --error-file', '-f --auth-file'],
  },
  {
    names: ['flock'],
    values: ['-w --timeout', '-E --conflict-exit-code'],
    operands: 1,
    line: '-c --command',
  },
  {
    names: ['script'],
    values: [
      '-O --log-out',
      '-I --log-in',
      '-B --log-io',
      '-o --output-limit',
      '-E --echo',
      '-m --logging-format',
    ],
    line: '-c --command',
  },
  {
    names: ['su'],
    values: ['-s --shell', '-g --group', '-G --supp-group', '-w --whitelist-environment', '-T --pty'],
    line: '-c --command',
    user: { isWord: true },
  },
  {
    names: ['runuser'],
    values: ['-u --user', '-s --shell', '-g --group', '-G --supp-group', '-w --whitelist-environment'],
    line: '-c --command',
    user: { flag: 'user', isWord: true },
  },
  {
    names: ['watch', 'hwatch', 'viddy'],
    values: ['-n --interval', '-q --equexit', '-s --shotsdir'],
    isJoined: true,
  },
  {
    names: ['systemd-run'],
    values: [
      '-p --property',
      '-u --unit',
      '-M --machine',
      '-H --host',
      '-E --setenv',
      '-d --working-directory',
      '--slice',
      '--uid',
      '--gid',
      '--nice',
      '--description',
      '--on-calendar',
      '--on-active',
      '--on-boot',
      '--on-startup',
      '--on-unit-active',
      '--timer-property',
      '--service-type',
    ],
    folder: 'working-directory',
  },
  { names: ['systemd-inhibit'], values: ['--what', '--who', '--why', '--mode'] },
  { names: ['direnv'], verbs: ['exec'], operands: 1 },
  { names: ['presence'], verbs: ['run'], isAfterDashes: true },
  { names: ['aws-vault'], verbs: ['exec'], isAfterDashes: true },
  {
    names: ['op', 'doppler', 'infisical', 'dotenvx', 'teller', 'envkey-source'],
    verbs: ['run'],
    isAfterDashes: true,
  },
  {
    names: ['chamber', 'mise', 'rtx', 'asdf', 'devbox', 'flox'],
    verbs: ['exec', 'x', 'run', 'activate'],
    isAfterDashes: true,
  },
  { names: ['poetry', 'pipenv', 'uv', 'pdm', 'hatch', 'rye'], verbs: ['run'] },
  { names: ['bundle'], verbs: ['exec'] },
  { names: ['ip'], verbs: ['netns'], operands: 2 },
  {
    names: ['tmux'],
    values: ['-f', '-L', '-S', '-s', '-n', '-t', '-c', '-e', '-F', '-x', '-y', '-l'],
    verbs: [
      'new-session',
      'new',
      'new-window',
      'neww',
      'split-window',
      'splitw',
      'respawn-pane',
      'respawn-window',
    ],
    isJoined: true,
  },
  {
    names: ['screen'],
    values: ['-S', '-t', '-c', '-p', '-h', '-e', '-s', '-T'],
    silentWith: ['X', 'r', 'x', 'ls'],
  },
  { names: ['busybox', 'toybox'] },
  { names: ['k3s', 'microk8s', 'rke2', 'k0s'], verbs: ['kubectl', 'helm'], isVerbProgram: true },
  { names: ['minikube'], values: ['-p --profile'], verbs: ['kubectl'], isVerbProgram: true },
]
