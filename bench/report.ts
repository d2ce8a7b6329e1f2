import type { Beside } from './pairs.ts'

/** The most that a result may be, or the least that it must be. */
export type Budget = { readonly atMost: number } | { readonly atLeast: number }

/** One line of the report. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly budget?: Budget
  readonly middle?: readonly [number, number]
  /** Median milliseconds of the subject and of its reference. */
  readonly ms?: readonly [number, number]
}

/** A group of rows that share a setting and a reference, named by its title. */
export interface Section {
  readonly title: string
  /** The rows, or the reason why it could not be measured. */
  readonly outcome: readonly Row[] | { readonly notMeasured: string; readonly budgeted: boolean }
}

export function rowOf(what: string, { ratio, middle, subjectMs, referenceMs }: Beside, budget?: Budget): Row {
  return { what, value: ratio, middle, ms: [subjectMs, referenceMs], ...(budget && { budget }) }
}

function isKept({ value, budget }: Row): boolean {
  if (!budget) return true
  return 'atMost' in budget ? value <= budget.atMost : value >= budget.atLeast
}

export function brokenIn(sections: readonly Section[]): readonly string[] {
  return sections.flatMap(({ title, outcome }) =>
    'notMeasured' in outcome ? [] : outcome.filter(row => !isKept(row)).map(row => `${title}: ${row.what}`),
  )
}

const HEAD = ['', 'result', 'middle half', 'budget', 'ms', 'beside ms', '']
const WIDTHS = [36, 7, 13, 10, 9, 10, 7]

/** An aligned table in plain text, at most 100 columns wide. */
export function render(sections: readonly Section[]): string {
  return [
    lineOf(HEAD),
    ...sections.flatMap(({ title, outcome }) => [
      '',
      title,
      ...('notMeasured' in outcome
        ? [`  NOT MEASURED: ${outcome.notMeasured}`]
        : outcome.map(row => lineOf(cellsOf(row)))),
    ]),
  ].join('\n')
}

function cellsOf(row: Row): readonly string[] {
  const { what, value, budget, middle, ms } = row
  return [
    `  ${what}`,
    number(value),
    middle ? middle.map(number).join(' – ') : '',
    budget ? ('atMost' in budget ? `≤ ${budget.atMost}` : `≥ ${budget.atLeast}`) : '',
    ...(ms ? ms.map(each => each.toFixed(2)) : ['', '']),
    budget ? (isKept(row) ? 'kept' : 'BROKEN') : '',
  ]
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2)
}

function lineOf(cells: readonly string[]): string {
  return cells
    .map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[at] ?? 0) : cell.padStart(WIDTHS[at] ?? 0)))
    .join(' ')
    .trimEnd()
}
