import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolFolder } from '../../../toolchain/build.mjs'
import type { Programs } from './cluster.ts'
import type { Image } from './images.ts'

/** This project's own Node, which it installs. */
export const NODE = join(import.meta.dirname, '../../../node_modules/node/bin/node')
export const NODE_IMAGE = 'localhost/node:24'
export const DOLT_IMAGE = 'localhost/dolt:2'

const say = (line: string) => console.warn(line)

export function clusterPrograms(): Programs {
  return { kubernetes: toolFolder('kubernetes', say), coredns: join(toolFolder('coredns', say), 'coredns') }
}

/**
 * The folders that a real `pulumi up` needs on its PATH.
 *
 * @param folder for a script that starts the language host. The engine tells current hosts that the program's
 * Node strips types itself (Pulumi.yaml). The last host that is a Go module accepts this only on its command
 * line.
 */
export function pulumiFolders(folder: string): readonly string[] {
  const host = join(toolFolder('pulumi-language-nodejs', say), 'pulumi-language-nodejs')
  const script = join(folder, 'pulumi-language-nodejs')
  mkdirSync(folder, { recursive: true })
  writeFileSync(script, `#!/bin/sh\nexec '${host}' -typescript=false "$@"\n`, { mode: 0o755 })
  return [folder, toolFolder('pulumi', say), toolFolder('pulumi-resource-kubernetes', say)]
}

export function images(): readonly Image[] {
  return [
    { name: NODE_IMAGE, programs: [NODE] },
    { name: DOLT_IMAGE, programs: [join(toolFolder('dolt', say), 'dolt')], folders: ['var/lib/dolt'] },
  ]
}
