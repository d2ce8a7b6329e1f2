import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { analyze, type GuardContext } from '../index.ts'
import { type Judged, type LeftOut, precision, recall, type Score, scoreOf } from './score.ts'

// `npm run guard:score -- <folder>`: reads *.jsonl, each line with `tool`, `command` and `mutates`, and prints
// precision and recall. Lines of which the file test/score/left-out/<name>.yaml gives a reason are left out of the
// second figure. `--quiet` prints no disagreements.
const LEFT_OUT = join(import.meta.dirname, '../../test/score/left-out')

/** A machine without any file: what a line changes must be seen from the line. */
const CONTEXT: GuardContext = {
  cwd: '/srv/project',
  env: { HOME: '/home/ana', USER: 'ana' },
  host: 'localhost',
  home: '/home/ana',
  readText: () => undefined,
  listFolder: () => undefined,
  now: () => performance.now(),
}

function judgedIn(folder: string): readonly Judged[] {
  const files = readdirSync(folder).filter(name => name.endsWith('.jsonl'))
  return files.flatMap(file =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .flatMap((text, at) => {
        if (text.trim() === '') return []
        const { tool, command, mutates } = JSON.parse(text) as Judged
        return [{ file, line: at + 1, tool, command, mutates }]
      }),
  )
}

/** The reasons are in files of their own for each table: `- { line: 12, reason: … }`. */
function leftOut(): readonly LeftOut[] {
  return readdirSync(LEFT_OUT)
    .filter(name => name.endsWith('.yaml'))
    .flatMap(name => {
      const entries = (parse(readFileSync(join(LEFT_OUT, name), 'utf8')) ?? []) as readonly Omit<
        LeftOut,
        'file'
      >[]
      return entries.map(each => ({ ...each, file: `${basename(name, '.yaml')}.jsonl` }))
    })
}

const number = (value: number, width: number) => String(value).padStart(width)
const share = (value: number, of: number) => (of === 0 ? '-' : value.toFixed(3)).padStart(9)

function row(name: string, score: Score): string {
  const { lines, truePositives, falsePositives, falseNegatives, trueNegatives, unknown } = score
  const counts = [lines, truePositives, falsePositives, falseNegatives, trueNegatives, unknown]
  return [
    name.padEnd(16),
    ...counts.map(each => number(each, 7)),
    share(precision(score), truePositives + falsePositives),
    share(recall(score), truePositives + falseNegatives),
  ].join('')
}

function print(title: string, scores: ReadonlyMap<string, Score>) {
  console.log(`\n${title}`)
  console.log(`${'tool'.padEnd(16)}  lines     tp     fp     fn     tn unknown precision   recall`)
  for (const [tool, score] of [...scores].toSorted()) console.log(row(tool, score))
}

const [folder, ...options] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: npm run guard:score -- <folder> [--quiet]')
  process.exit(2)
}
const { all, kept, disagreements, unused } = scoreOf(judgedIn(folder), leftOut(), line =>
  analyze(line, CONTEXT),
)
if (!options.includes('--quiet'))
  for (const { file, line, guard, mutates, command, reason } of disagreements) {
    const source = mutates ? 'changes' : 'silent'
    console.log(
      `${file}:${line}  source ${source}, guard ${guard}${reason ? ` (${reason})` : ''}: ${JSON.stringify(command)}`,
    )
  }
for (const { file, line } of unused)
  console.log(`${file}:${line}  is left out, but the guard agrees with the source`)
print('All lines', all)
print('Without the lines that are left out', kept)
