import type { ConfigFile } from './file.ts'
import type { Environment } from './folders.ts'
import { realPath } from './real-path.ts'
import { allStored, type Fields } from './trusted.ts'

interface Now {
  readonly file: Pick<ConfigFile, 'base'>
  readonly fields: Fields
}

/**
 * What has changed in a project's config file since this user trusted it; empty if they never did. Of several things
 * that they trusted there, the most similar one counts.
 *
 * @param shown how a DSN is shown
 */
export function changesSince(
  { file, fields }: Now,
  env: Environment,
  shown: (dsn: string) => string,
): readonly string[] {
  const project = realPath(file.base)
  const before = allStored(env)
    .filter(each => each.project === project && typeof each.fields['dsn'] === 'string')
    .map(each => ({ fields: each.fields, keys: changed(each.fields, fields) }))
    .toSorted((a, b) => a.keys.length - b.keys.length)
    .at(0)
  return (before?.keys ?? []).map(key => words(key, before?.fields[key], fields[key], shown))
}

function changed(before: Fields, now: Fields): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    key => before[key] !== now[key] && (key !== 'others' || now[key] === true),
  )
  // Another board has another CA, too.
  return keys.includes('dsn') ? keys.filter(key => key === 'dsn' || key === 'others') : keys
}

function words(key: string, before: unknown, now: unknown, shown: (dsn: string) => string): string {
  if (key === 'ca') return 'the CA is another one'
  if (key === 'others') return 'other users can change it now'
  if (key !== 'dsn') return "the board's file is another one"
  const [was, is] = [before, now].map(each => (typeof each === 'string' ? shown(each) : 'none'))
  return was === is
    ? `dsn names ${is} as before, and something else in it changed`
    : `dsn was ${was}, is now ${is}`
}
