import type { Tool } from '../tool.ts'
import { dockerCompose } from './compose.ts'
import { docker, podman } from './docker.ts'
import { mysql, mysqladmin, mysqlcheck, mysqlimport } from './mysql.ts'
import { postgresTools, postgresUsers } from './postgres.ts'
import { power } from './power.ts'
import { psql } from './psql.ts'
import { ssh } from './ssh.ts'
import { service, systemctl } from './systemctl.ts'

export const HOSTS: readonly Tool[] = [
  docker,
  podman,
  dockerCompose,
  systemctl,
  service,
  power,
  ssh,
  psql,
  postgresTools,
  postgresUsers,
  mysql,
  mysqladmin,
  mysqlimport,
  mysqlcheck,
]
