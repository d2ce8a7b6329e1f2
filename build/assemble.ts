import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oneFile } from './one-file.ts'
import { writePlugin } from './plugin.ts'

// Runs after rolldown has written the bundles. Makes dist/presence, the command and the hooks in one file,
// and dist/claude-code-plugin, which contains that file too.
const DIST = join(import.meta.dirname, '../dist')
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../packages/cli/package.json'), 'utf8'),
) as { version: string }

rmSync(DIST, { recursive: true, force: true })
mkdirSync(DIST, { recursive: true })
const command = oneFile()
writeFileSync(join(DIST, 'presence'), command)
chmodSync(join(DIST, 'presence'), 0o755)
// Makes Node load dist/presence as CommonJS, although this checkout's package.json says `"type": "module"`.
// Loading it as an ES module takes 4 ms longer.
writeFileSync(join(DIST, 'package.json'), '{ "type": "commonjs" }\n')
writePlugin(join(DIST, 'claude-code-plugin'), { version, command })
