import type { Turn } from '@presence/core'
import truncated from 'fast-string-truncated-width'
import { expect, it } from 'vitest'
import type { Io } from '../io.ts'
import { tellWait } from './waiting.ts'

it('the line of a wait fits the terminal, although a character may take two columns, or none', () => {
  const shown: string[] = []
  const turn = { holders: [], asOf: undefined, waitedMs: 61_000, fault: undefined, ahead: 0 }
  const width = 40
  const io = { watched: true, width, progress: (text: string) => shown.push(text) } as unknown as Io
  for (const label of [
    'infra:데이터베이스 서버의 디스크 교체',
    `infra:${'e\u0301'.repeat(20)}`,
    `infra:${'🦊'.repeat(30)}`,
  ])
    tellWait(io)({ ...turn, label } satisfies Turn)
  expect(shown).toHaveLength(3)
  for (const line of shown) expect(truncated(line).width, line).toBeLessThan(width)
  expect(shown.map(line => line.isWellFormed())).toEqual([true, true, true])
})
