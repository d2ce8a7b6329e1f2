import type { FlagTable } from '../support/index.ts'

const words = (text: string) => text.trim().split(/\s+/)

/** Flags with a value of `run`, `create` and `exec`, before the image or the container. */
export const RUN_VALUES: readonly string[] =
  `-a --attach|--add-host|--annotation|--arch|--authfile|--blkio-weight
--blkio-weight-device|--cap-add|--cap-drop|--cgroup-parent|--cgroupns|--cidfile|--cpu-period|--cpu-quota|--cpu-rt-period
--cpu-rt-runtime|-c --cpu-shares|--cpus|--cpuset-cpus|--cpuset-mems|--detach-keys|--device|--device-cgroup-rule
--device-read-bps|--device-read-iops|--device-write-bps|--device-write-iops|--dns|--dns-option|--dns-search|--domainname
--entrypoint|-e --env|--env-file|--expose|--gpus|--group-add|--health-cmd|--health-interval|--health-retries
--health-start-period|--health-timeout|-h --hostname|--ip|--ip6|--ipc|--isolation|--kernel-memory|-l --label|--label-file
--link|--link-local-ip|--log-driver|--log-opt|--mac-address|-m --memory|--memory-reservation|--memory-swap
--memory-swappiness|--mount|--name|--net|--network|--network-alias|--oom-score-adj|--os|--pid|--pidfile|--pids-limit
--platform|--pod|-p --publish|--pull|--restart|--runtime|--secret|--security-opt|--shm-size|--stop-signal|--stop-timeout
--storage-opt|--sysctl|--systemd|--tmpfs|--ulimit|--umask|-u --user|--userns|--uts|-v --volume|--volume-driver
--volumes-from|-w --workdir`.split(/[|\n]/)

/** Flags with a value of all other verbs together. */
export const VALUES: FlagTable = {
  values:
    `-t --time|--timeout|-s --signal|--name|--filter|--format|--driver|-d --driver|-o --opt|--opt|-l --label|--label
--subnet|--gateway|--ip-range|--ipam-driver|--ip|--alias|--link|-c --compose-file|--replicas|--image|--env|-e --env|--mount
--network|--publish|-p --publish|--constraint|--update-parallelism|--update-delay|--availability|--role|--label-add|--label-rm
--advertise-addr|--listen-addr|--token|--cert-expiry|--data-path-addr|-m --memory|--memory-swap|--memory-reservation|--cpus
--cpu-shares|--cpuset-cpus|--restart|--pids-limit|--blkio-weight|--env-add|--env-rm|--mode|--limit-cpu|--limit-memory
--reserve-cpu|--reserve-memory|--secret-add|--secret-rm|--config-add|--config-rm|--secret|--config|--user|-u --user
--template-driver|--until|--grant-all-permissions|--pod|--share|--hostname|--condition|--interval|--cidfile`.split(
      /[|\n]/,
    ),
  switches: ['-f --force', '-a --all'],
}

/** Verbs that change the containers that they name. */
export const CONTAINER: ReadonlySet<string> = new Set(
  words('checkpoint kill pause remove restart restore rm start stop unpause update'),
)

/** The verbs of each group that change something on the engine. Those on images concern this machine alone. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  builder: [],
  buildx: [],
  checkpoint: words('create rm'),
  config: words('create remove rm'),
  container: [],
  context: [],
  image: [],
  kube: words('apply down play'),
  machine: [],
  manifest: [],
  network: words('connect create disconnect prune remove rm'),
  node: words('demote promote remove rm update'),
  plugin: words('disable enable install remove rm set upgrade'),
  pod: words('create kill pause prune restart rm start stop unpause'),
  secret: words('create remove rm'),
  service: words('create remove rm rollback scale update'),
  stack: words('deploy down remove rm up'),
  swarm: words('ca init join leave unlock update'),
  system: words('prune reset'),
  trust: [],
  volume: words('create prune remove rm update'),
}

/** What changes a registry. */
export const REGISTRY: ReadonlySet<string> = new Set([
  'image push',
  'manifest push',
  'plugin push',
  'trust revoke',
  'trust sign',
])
