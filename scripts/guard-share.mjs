import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { NODE, ROOT, setUp } from './setup.mjs'

// `npm run guard:share -- <transcript.jsonl>`: the share of the commands that start Node.
setUp()
const main = join(ROOT, 'packages/hooks/src/share/main.ts')
process.exit(spawnSync(NODE, [main, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1)
