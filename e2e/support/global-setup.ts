import type { TestProject } from 'vitest/node'
import { doltBinary, hasGo } from '../../toolchain/dolt.mjs'
import { DoltServer } from './dolt-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The built Dolt and a server that all tests share, each in databases of its own; undefined without Go. */
    dolt: { readonly binary: string; readonly port: number } | undefined
  }
}

/** Builds Dolt once and starts the server that the tests share. Without Go its tests are skipped, but not in CI. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!hasGo()) {
    const line =
      'No Go here: the tests on real Dolt are SKIPPED. Install Go 1.26 or newer and a C compiler to run them.'
    if (process.env['CI']) throw new Error(line)
    console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`)
    project.provide('dolt', undefined)
    return async () => {}
  }
  const binary = doltBinary(line => console.warn(line))
  const server = await DoltServer.start(binary)
  project.provide('dolt', { binary, port: server.port })
  return () => server.stop()
}
