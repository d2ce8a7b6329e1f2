import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { MUTATIONS } from './mutations.ts'

const CORE = join(import.meta.dirname, '../../../core/src')

it.each(MUTATIONS)('the fault $name can still be planted: its code is there, once', ({ edits }) => {
  for (const { file, find } of edits)
    expect(readFileSync(join(CORE, file), 'utf8').split(find), `${file}: ${find}`).toHaveLength(2)
})
