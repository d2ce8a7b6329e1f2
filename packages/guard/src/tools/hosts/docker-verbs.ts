import type { FlagTable } from '../support/index.ts'

const words = (text: string) => text.trim().split(/\s+/)
const entries = (text: string) => text.split(/[|\n]/)

/** Flags with a value of `run`, `create`, `exec` and `update`, before the image or the container. */
export const RUN_VALUES: readonly string[] = entries(
  `-a --attach|--add-host|--annotation|--arch|--authfile|--blkio-weight
--blkio-weight-device|--cap-add|--cap-drop|--cert-dir|--cgroup-conf|--cgroup-parent|--cgroupns|--cgroups|--chrootdirs|--cidfile
--conmon-pidfile|--cpu-count|--cpu-percent|--cpu-period|--cpu-quota|--cpu-rt-period|--cpu-rt-runtime|-c --cpu-shares|--cpus
--cpuset-cpus|--cpuset-mems|--creds|--decryption-key|--detach-keys|--device|--device-cgroup-rule|--device-read-bps
--device-read-iops|--device-write-bps|--device-write-iops|--dns|--dns-opt|--dns-option|--dns-search|--domainname|--entrypoint
-e --env|--env-file|--env-merge|--expose|--gidmap|--gpus|--group-add|--group-entry|--health-cmd|--health-interval
--health-log-destination|--health-max-log-count|--health-max-log-size|--health-on-failure|--health-retries
--health-start-interval|--health-start-period|--health-startup-cmd|--health-startup-interval|--health-startup-retries
--health-startup-success|--health-startup-timeout|--health-timeout|-h --hostname|--hostuser|--image-volume|--init-ctr|--init-path
--io-maxbandwidth|--io-maxiops|--ip|--ip6|--ipc|--isolation|--kernel-memory|-l --label|--label-file|--link|--link-local-ip
--log-driver|--log-level|--log-opt|--mac-address|-m --memory|--memory-reservation|--memory-swap|--memory-swappiness|--mount|--name
--net|--net-alias|--network|--network-alias|--oom-score-adj|--os|--passwd-entry|--personality|--pid|--pidfile|--pids-limit
--platform|--pod|--pod-id-file|--preserve-fd|--preserve-fds|-p --publish|--pull|--rdt-class|--requires|--restart|--retry
--retry-delay|--runtime|--sdnotify|--seccomp-policy|--secret|--security-opt|--shm-size|--shm-size-systemd|--stop-signal
--stop-timeout|--storage-opt|--subgidname|--subuidname|--sysctl|--systemd|--timeout|--tmpfs|--tz|--uidmap|--ulimit|--umask
--unsetenv|-u --user|--userns|--uts|--variant|-v --volume|--volume-driver|--volumes-from|-w --workdir`,
)

const STOPPING: FlagTable = {
  values: entries('-s --signal|-t --time|--timeout|--cidfile|--pod-id-file|-f --filter'),
  switches: ['-a --all', '-l --latest', '-i --ignore'],
}
const REMOVING: FlagTable = {
  values: entries('-t --time|--timeout|--cidfile|--pod-id-file|--filter'),
  switches: ['-f --force', '-a --all', '-v --volumes', '-l --latest'],
}
const OTHER: FlagTable = {
  values: entries(
    '-l --label|-d --driver|-o --opt|--driver-opts|--template-driver|--alias|--role|--availability|--name',
  ),
}

/** How the flags of a verb are read: one letter means different things in different verbs. */
const OF_VERBS: Readonly<Record<string, FlagTable>> = {
  'kill pause restart stop unpause init reload': STOPPING,
  'rm remove': REMOVING,
  start: {
    values: entries('--detach-keys|--checkpoint|--checkpoint-dir|-f --filter'),
    switches: ['-a --attach'],
  },
  update: { values: RUN_VALUES },
  clone: { values: RUN_VALUES, switches: ['-f --force'] },
  restore: {
    values: entries('-i --import|--import-previous|-n --name|--pod|-p --publish'),
    switches: ['-a --all'],
  },
  checkpoint: { values: entries('-c --compress|-e --export|--create-image'), switches: ['-a --all'] },
}
const OF_GROUPS: Readonly<Record<string, FlagTable>> = {
  'checkpoint create': { values: ['--checkpoint-dir'] },
  'checkpoint rm': { values: ['--checkpoint-dir'] },
  'network connect': {
    values: entries('--alias|--driver-opt|--gw-priority|--ip|--ip6|--link|--link-local-ip|--mac-address'),
  },
  'network create': {
    values: entries(
      `-d --driver|-o --opt|--aux-address|--config-from|--dns|--gateway|--interface-name|--ip-range
--ipam-driver|--ipam-opt|--label|--route|--scope|--subnet`,
    ),
  },
  'network update': { values: entries('--dns-add|--dns-drop') },
  'node update': { values: entries('--availability|--label-add|--label-rm|--role') },
  'pod create': { values: ['-n --name', ...RUN_VALUES] },
  'pod clone': { values: ['-n --name', ...RUN_VALUES] },
  'service create': { values: ['--name'] },
  'service scale': {},
  'volume rm': { values: ['-t --time'], switches: ['-f --force', '-a --all'] },
  'volume create': {
    values: entries(
      `-d --driver|-o --opt|--label|--name|--availability|--group|--limit-bytes|--required-bytes|--scope|--secret
--sharing|--topology-preferred|--topology-required|--type|--uid|--gid`,
    ),
  },
  'volume update': { values: ['--availability'] },
  'plugin install': { values: ['--alias'] },
}
const BY_VERB: ReadonlyMap<string, FlagTable> = new Map([
  ...Object.entries(OF_VERBS).flatMap(([names, table]) => words(names).map(name => [name, table] as const)),
  ...Object.entries(OF_GROUPS),
])

/** The flags of `docker <verb>` or `docker <group> <verb>`. */
export function tableOf(group: string, verb: string): FlagTable {
  return BY_VERB.get(`${group} ${verb}`) ?? BY_VERB.get(verb) ?? OTHER
}

/** Verbs that change the containers that they name. */
export const CONTAINER: ReadonlySet<string> = new Set(
  words('checkpoint kill pause remove restart restore rm start stop unpause update'),
)

/** The verbs of each group that change something on the engine. Those on images concern this machine alone. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  artifact: [],
  builder: [],
  buildx: [],
  checkpoint: words('create remove rm'),
  config: words('create remove rm'),
  container: [],
  context: [],
  desktop: words('disable restart stop update'),
  generate: [],
  image: [],
  kube: words('apply down play'),
  machine: words('reset rm stop'),
  manifest: [],
  network: words('connect create disconnect prune reload remove rm update'),
  node: words('demote promote remove rm update'),
  play: words('kube'),
  plugin: words('disable enable install remove rm set upgrade'),
  pod: words('clone create kill pause prune remove restart rm start stop unpause'),
  quadlet: words('install rm'),
  secret: words('create remove rm'),
  service: words('create remove rm rollback scale update'),
  stack: words('deploy down remove rm up'),
  swarm: words('ca init join leave unlock update'),
  system: words('migrate prune renumber reset'),
  trust: [],
  volume: words('create import prune reload remove rm update'),
}

/** What changes a registry. */
export const REGISTRY: ReadonlySet<string> = new Set([
  'artifact push',
  'image push',
  'manifest push',
  'plugin push',
  'trust revoke',
  'trust sign',
])

/** Verbs and groups that change nothing that others share. Others, such as a plugin's, are unknown. */
export const SILENT: ReadonlySet<string> = new Set(
  words(`attach build commit completion debug diff events export extension farm healthcheck help history images import
info inspect load login logout logs mcp model mount offload port ps pull rmi sandbox save sbom scout search stats tag
top umount unmount untag unshare version wait`),
)
