import { changesInside, lineOf } from '../../support/index.ts'
import type { Word } from '../../tool.ts'

/** Programs that only read, and tools whose changes the guard finds itself. */
const READING: ReadonlySet<string> = new Set(
  `[ arch awk base64 basename cat cd chronyc cksum cmp column comm cut date df diff dig dirname dmesg dpkg-query du echo
   egrep env exit export expr false fgrep file find findmnt free getconf getent getfacl git grep groups head host hostname
   hostnamectl id ifconfig iostat ip journalctl jq kubectl helm docker podman last lastlog less locale ls lsblk lscpu lsmod
   lsof lspci lsusb md5sum mpstat mysql netstat nproc nslookup nvidia-smi openssl pgrep pidof ping ping6 printenv printf ps
   psql pstree pwd readlink realpath route sar sed seq service set sha1sum sha256sum sleep sort ss stat strings sysctl
   systemctl systemd-analyze tail test timedatectl top tr traceroute tracepath true tty type ulimit uname uniq uptime vmstat
   w wc whereis which who whoami xxd zcat zgrep curl crontab apt apt-get apt-cache dnf dpkg rpm yum pip pip3 npm nginx mount
   sshd loginctl networkctl resolvectl if then else fi for do done while`.split(/\s+/),
)
/** They change something with these words. */
const CHANGING: Readonly<Record<string, RegExp>> = {
  cd: /$^/,
  crontab: /^(?!.*\s-l\b)/,
  curl: /\s(-[A-Za-z]*[dFToOX]|--(data\S*|form|json|output|remote-name|request|upload-file))(\s|=|$)/,
  date: /\s(-s|--set)\b/,
  dmesg: /\s(-[cC]|--clear|--read-clear)\b/,
  find: /\s-(delete|exec|execdir|fprint|ok)/,
  git: /^(?!\S+\s+(-C\s+\S+\s+)?(blame|branch|describe|diff|log|ls-files|ls-remote|remote|rev-parse|show|status)\b)/,
  hostname: /^\S+\s+[^-\s]/,
  hostnamectl: /\sset-/,
  ifconfig: /^\S+(\s+\S+){2,}/,
  ip: /\s(add|append|change|del|delete|flush|replace|set)(\s|$)/,
  journalctl: /\s--(flush|rotate|vacuum-)/,
  mount: /^\S+\s+[^-\s]|\s-(a|o)\b/,
  nginx: /^(?!.*\s-[tTvV])/,
  npm: /^(?!\S+\s+(ls|list|outdated|view)\b)/,
  openssl: /\s-out\b/,
  pip: /^(?!\S+\s+(check|freeze|list|show)\b)/,
  pip3: /^(?!\S+\s+(check|freeze|list|show)\b)/,
  route: /\s(add|del)\b/,
  rpm: /^(?!.*\s(-q|-V|--query))/,
  sed: /\s(-[nEr]*i|--in-place)/,
  sort: /\s(-o|--output)\b/,
  sysctl: /\s(-w|-p|--write|--load)|=/,
  timedatectl: /\sset-/,
  yum: /^(?!\S+\s+(-q\s+)?(check-update|info|list|repolist|search|history)\b)/,
  dnf: /^(?!\S+\s+(-q\s+)?(check-update|info|list|repolist|repoquery|search|history)\b)/,
  apt: /^(?!\S+\s+(list|policy|search|show)\b)/,
  'apt-get': /^(?!.*\s(-s|--simulate|--dry-run)\b)/,
  dpkg: /^(?!\S+\s+(-[lLsS]|--list|--status|--search|--get-selections)\b)/,
}
/** The module's own settings among the words of its command. */
const SETTINGS =
  /(^|\s)(chdir|creates|removes|executable|warn|stdin|stdin_add_newline|strip_empty_ends|expand_argument_vars)=("[^"]*"|'[^']*'|\S+)/g

/** The command line of `-a 'chdir=/srv make deploy'` or `-a 'cmd="make deploy"'`. */
export function commandLineIn(args: Word): string {
  const line = lineOf([args]).replace(SETTINGS, '$1').trim()
  const named = /^(?:cmd|_raw_params|free_form)=(?:"(.*)"|'(.*)'|(.*))$/s.exec(line)
  return named ? (named[1] ?? named[2] ?? named[3] ?? '') : line
}

/** True if a command line only reads: each of its programs is known to, and nothing is written to a file. */
export function onlyReads(line: string): boolean {
  if (line.length > 10_000) return false
  const plain = line
    .replace(/\d?>&\d|&?\d?>>?\s*\/dev\/(null|stderr|stdout)/g, ' ')
    .replace(/"[^"$`]*"|'[^']*'/g, 'x')
  if (plain.includes('>') || changesInside([wordOf(line)])) return false
  return plain
    .split(/\|\||&&|\$\(|[|;&\n()`]/)
    .map(part => part.replace(/^\s*((sudo|time|nice|command|nohup)\s+|[A-Za-z_]\w*=\S*\s*)*/, '').trim())
    .every(part => part === '' || readsOnly(part))
}

function readsOnly(part: string): boolean {
  if (/^\S+\s+(--version|--help|-V)$/.test(part)) return true
  const name = (/^\S+/.exec(part)?.[0] ?? '').replace(/^.*\//, '')
  return READING.has(name) && !(Object.hasOwn(CHANGING, name) && CHANGING[name]?.test(part))
}

const wordOf = (text: string): Word => ({ text, from: 0, to: 0, raw: text })
