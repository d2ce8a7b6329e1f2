import { FAULT_CODES, type FaultCode, natureOf } from '../../packages/core/src/domain/fault.ts'
import type { CommandLine } from './command-line.ts'
import { faultTexts } from './fault-texts.ts'
import { code, page, table, text } from './markdown.ts'
import { source } from './sources.ts'

/** What a command does if it fails with the code (G7). */
function statusFor(fault: FaultCode): string {
  if (fault === 'lease_lost') return 'only in the library'
  const nature = natureOf(fault)
  return nature === 'fix' ? '2' : nature === 'failed' ? '3' : '0 with a warning, or 3 (see above)'
}

export function exitStatusPage({ exits }: CommandLine): string {
  const meanings = meaningsOf()
  const texts = faultTexts()
  return page(
    'Exit statuses and fault codes',
    'the help of packages/cli and packages/core/src/domain/fault.ts',
    '## Exit statuses',
    table(
      ['Status', 'Meaning'],
      exits.map(({ term, about }) => [term, text(about)]),
    ),
    '## Fault codes',
    'With `--json` a command prints its fault as `{"error": {"code", "message", "remedy"}}`. The library throws it as a `PresenceError` with the same code, message and remedy.',
    table(
      ['Code', 'Meaning', 'Exit status'],
      FAULT_CODES.map(fault => [code(fault), meanings.get(fault) ?? '', statusFor(fault)]),
    ),
    '## Messages',
    'A message ends with what to do. `…` stands for what differs from case to case, such as an address.',
    ...FAULT_CODES.flatMap(fault => {
      const rows = texts.filter(each => each.code === fault)
      if (rows.length === 0) return []
      const cells = rows.map(({ message, remedy }) => [text(message), text(remedy)])
      return [`### ${fault}`, table(['Message', 'What to do'], cells)]
    }),
  )
}

/** The table in the docstring of `FAULT_CODES`. */
function meaningsOf(): ReadonlyMap<string, string> {
  const rows = source('packages/core/src/domain/fault.ts').matchAll(/^ \* \| `(\w+)` \| (.*) \|$/gm)
  const meanings = new Map([...rows].map(([, name = '', meaning = '']) => [name, text(meaning)]))
  const missing = FAULT_CODES.filter(fault => !meanings.has(fault))
  if (missing.length > 0) throw new Error(`the docstring of FAULT_CODES lacks ${missing.join(', ')}`)
  return meanings
}
