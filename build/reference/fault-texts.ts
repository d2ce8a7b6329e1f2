import { FAULT_CODES, type FaultCode } from '../../packages/core/src/domain/fault.ts'
import { sources } from './sources.ts'

/** What a fault says, with `…` for what differs from case to case. */
export interface FaultText {
  readonly code: FaultCode
  readonly message: string
  readonly remedy: string
}

const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/.source
/** A code, a message and a remedy in a row, as the arguments of a fault or as a row of a table of faults. */
const FAULT = new RegExp(
  `(\\[?)\\s*'(${FAULT_CODES.join('|')})',\\s*(${LITERAL}),\\s*(${LITERAL}|[A-Z_]+)(?=\\s*[,)\\]])`,
  'g',
)
const CONSTANT = new RegExp(`^const ([A-Z_]+) =\\s*(${LITERAL})$`, 'gm')

/** The faults whose message and remedy stand in the code as they are. A text that is put together elsewhere is missing. */
export function faultTexts(): readonly FaultText[] {
  const found = sources().flatMap(textsIn)
  const unique = new Map(found.map(each => [Object.values(each).join('\n'), each]))
  return [...unique.values()]
}

function textsIn(source: string): readonly FaultText[] {
  const constants = new Map<string, string>()
  for (const [, name = '', literal = ''] of source.matchAll(CONSTANT))
    constants.set(name, unquoted(literal, constants))
  return [...source.matchAll(FAULT)].flatMap(([, row, code, message = '', remedy = '']) => {
    const said = unquoted(message, constants)
    const whole =
      constants.get(remedy) ?? (/^[A-Z_]+$/.test(remedy) ? undefined : unquoted(remedy, constants))
    const fix = whole?.replace(/^…/, '')
    // A list of codes, or a text that is put together elsewhere.
    if (fix === undefined || [said, fix].some(each => !/^["\p{L}].* /u.test(each))) return []
    // The rows of a table continue "the board at …".
    return [{ code: code as FaultCode, message: row === '[' ? `the board at … ${said}` : said, remedy: fix }]
  })
}

/** The text of a literal. A constant in a template is filled in; every other expression becomes `…`. */
function unquoted(literal: string, constants: ReadonlyMap<string, string>): string {
  return literal
    .slice(1, -1)
    .replace(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g, (_, name: string) => constants.get(name) ?? '…')
    .replace(/\\(.)/g, '$1')
}
