import type { TestProject } from 'vitest/node'
import { doltBinary, hasGo } from '../../toolchain/build.mjs'
import { DoltServer } from './dolt-server.ts'
import { MariadbServer, mariadbBinary, newDataFolder, removeDataFolder, UNUSUAL } from './mariadb-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /**
     * The built Dolt, and a server that all tests share, each test in its own databases. Undefined without
     * Go.
     */
    dolt: { readonly binary: string; readonly port: number } | undefined
    /**
     * The same for MariaDB, and the data folder that a new server starts with. Undefined if none is
     * installed.
     */
    mariadb: { readonly binary: string; readonly template: string; readonly port: number } | undefined
    /** A MariaDB with unusual settings, for the contract. Undefined elsewhere, and if none is installed. */
    oddMariadb: { readonly port: number } | undefined
  }
}

type TearDown = () => Promise<void>

/** Starts the servers that the tests share. An engine's requirements may be missing, but not in CI. */
export default async function setUp(project: TestProject): Promise<TearDown> {
  const tearDowns = await Promise.all([setUpDolt(project), setUpMariadb(project)])
  return async () => {
    await Promise.all(tearDowns.map(tearDown => tearDown()))
  }
}

async function setUpDolt(project: TestProject): Promise<TearDown> {
  if (!hasGo()) {
    skip(
      'No Go here: the tests on real Dolt are SKIPPED. Install Go 1.26 or newer and a C compiler to run them.',
    )
    project.provide('dolt', undefined)
    return async () => {}
  }
  const binary = doltBinary(line => console.warn(line))
  const server = await DoltServer.start(binary)
  project.provide('dolt', { binary, port: server.port })
  return () => server.stop()
}

async function setUpMariadb(project: TestProject): Promise<TearDown> {
  const binary = mariadbBinary()
  if (!binary) {
    skip(
      'No MariaDB here: the tests on it are SKIPPED. Install mariadb-server to run them; it needs not run.',
    )
    project.provide('mariadb', undefined)
    project.provide('oddMariadb', undefined)
    return async () => {}
  }
  const template = newDataFolder()
  const servers = await Promise.all([
    MariadbServer.start(binary, template),
    ...(project.name === 'contract' ? [MariadbServer.start(binary, template, UNUSUAL)] : []),
  ])
  const [{ port }, odd] = servers
  project.provide('mariadb', { binary, template, port })
  project.provide('oddMariadb', odd && { port: odd.port })
  return async () => {
    await Promise.all(servers.map(server => server.stop()))
    removeDataFolder(template)
  }
}

function skip(line: string): void {
  if (process.env['CI']) throw new Error(line)
  console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
}
