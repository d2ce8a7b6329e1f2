import type { ParameterExpansionPart, Word as WordNode } from 'unbash'
import type { State, Value } from './state.ts'

/** Reads the operand of an operation: `z` of `${x:-z}`. */
export type ReadOperand = (word: WordNode) => string | undefined

/** The value of `${…}`. An array's value is one of several words. */
export function parameterValue(part: ParameterExpansionPart, state: State, read: ReadOperand): Value {
  if (part.prefix !== undefined) return undefined
  const value = indexed(variableValue(part.parameter, state), part.index, read)
  const { operation } = part
  if (operation?.type === 'Default' && isUnset(part.parameter, state))
    return operation.operator.endsWith('+') ? '' : read(operation.operand)
  if (!operation) return value
  if (operation.type === 'Default')
    return withDefault(value, operation.operator, () => read(operation.operand))
  const change = (text: string | undefined) =>
    text === undefined ? undefined : changed(text, operation, read)
  return typeof value === 'object' ? value.map(change) : change(value)
}

/** `$x`, `$1`, `$@`. */
export function variableValue(name: string, state: State): Value {
  if (name === '@' || name === '*') return state.args?.slice(1).map(word => word.text)
  if (/^\d+$/.test(name)) {
    const word = state.args?.[Number(name)]
    return state.args && !word ? '' : word?.text
  }
  return /^[a-z_]/i.test(name) ? state.lookup(name) : undefined
}

function indexed(value: Value, index: WordNode | undefined, read: ReadOperand): Value {
  if (!index) return typeof value === 'object' ? value[0] : value
  const at = index.value
  if (at === '@' || at === '*') return value
  if (typeof value !== 'object') return undefined
  const number = Number(read(index) ?? Number.NaN)
  return Number.isInteger(number) ? value.at(number) : undefined
}

/** True for a variable that the line doesn't set and the environment doesn't have. */
function isUnset(name: string, state: State): boolean {
  return (
    /^[a-z_]\w*$/i.test(name) && !state.isRemote && !state.vars.has(name) && state.lookup(name) === undefined
  )
}

function withDefault(value: Value, operator: string, operand: () => string | undefined): Value {
  if (value === undefined) return undefined
  const isEmpty = value === '' && operator.startsWith(':')
  if (operator.endsWith('+')) return isEmpty ? '' : operand()
  return isEmpty ? operand() : value
}

type Operation = Exclude<NonNullable<ParameterExpansionPart['operation']>, { readonly type: 'Default' }>

function changed(text: string, operation: Operation, read: ReadOperand): string | undefined {
  if (operation.type === 'Remove') {
    const pattern = read(operation.operand)
    if (pattern === undefined) return undefined
    const isLong = operation.operator.length === 2
    return operation.operator.startsWith('#')
      ? withoutStart(text, pattern, isLong)
      : withoutEnd(text, pattern, isLong)
  }
  if (operation.type === 'Replace') {
    const [pattern, replacement] = [read(operation.pattern), read(operation.replacement)]
    if (!pattern || replacement === undefined || /[*?[\\]/.test(pattern)) return undefined
    if (operation.operator === '//') return text.replaceAll(pattern, () => replacement)
    return operation.operator === '/' ? text.replace(pattern, () => replacement) : undefined
  }
  if (operation.type === 'CaseModification' && !operation.operand) {
    if (operation.operator === ',,') return text.toLowerCase()
    if (operation.operator === '^^') return text.toUpperCase()
  }
  return undefined
}

/** Removes a pattern of literal text and stars. Other patterns aren't known. */
function withoutStart(text: string, pattern: string, isLong: boolean): string | undefined {
  const literal = pattern.replace(/^\*/, '')
  if (/[*?[\\]/.test(literal)) return undefined
  if (literal === pattern) return text.startsWith(literal) ? text.slice(literal.length) : text
  const at = isLong ? text.lastIndexOf(literal) : text.indexOf(literal)
  return at < 0 ? text : text.slice(at + literal.length)
}

function withoutEnd(text: string, pattern: string, isLong: boolean): string | undefined {
  const literal = pattern.replace(/\*$/, '')
  if (/[*?[\\]/.test(literal)) return undefined
  if (literal === pattern) return text.endsWith(literal) ? text.slice(0, text.length - literal.length) : text
  const at = isLong ? text.indexOf(literal) : text.lastIndexOf(literal)
  return at < 0 ? text : text.slice(0, at)
}
