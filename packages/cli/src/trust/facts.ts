import {
  addressOf,
  type ConfigFile,
  type Dsn,
  isLoopback,
  type NeedsTrust,
  oneLine,
  shownAddress,
} from '@presence/core/internal'

/** A board in a few words. */
export function nameOfBoard({ dsn, file }: NeedsTrust): string {
  if (dsn === undefined) return oneLine(file.path)
  return dsn.scheme === 'sqlite'
    ? `the board ${oneLine(dsn.file)}`
    : `the board at ${shownAddress(addressOf(dsn))}`
}

/** What a person has to know before they trust a project's config file. */
export function factsOn(
  { file, dsn, board, fields, others }: NeedsTrust,
  changes: readonly string[],
): readonly string[] {
  return [
    oneLine(file.path),
    ...(others === undefined ? [] : [`  ${others}`]),
    ...(changes.length > 0 ? [`  changed since you trusted it: ${changes.join(', ')}`] : []),
    ...(typeof fields['dsn'] === 'string'
      ? [`  it names the board ${oneLine(fields['dsn'])}`]
      : ['  it names no board']),
    ...(board === 'outside' ? [`  a file outside the project: ${oneLine(String(fields['file']))}`] : []),
    ...(dsn === undefined || dsn.scheme === 'sqlite' ? [] : onServer(dsn)),
  ]
}

/** What a person has to know before they trust what a file says about the guard: all of it. */
export function factsOnGuard({ path, config, others }: ConfigFile): readonly string[] {
  const { ignore = [], ...maps } = config.guard ?? {}
  return [
    oneLine(path),
    ...(others === undefined ? [] : [`  ${others}`]),
    '  says how the guard reads the commands of your agents, and what it does about them:',
    ...ignore.map(pattern => `  ignore ${oneLine(pattern)}`),
    ...Object.entries(maps).flatMap(([name, entries]) =>
      Object.entries(entries ?? {}).map(([key, value]) => `  ${name}: ${oneLine(`${key} → ${value}`)}`),
    ),
  ]
}

function onServer(dsn: Exclude<Dsn, { readonly scheme: 'sqlite' }>): readonly string[] {
  const secret = dsn.scheme === 'http' ? 'PRESENCE_SERVER_TOKEN' : 'PRESENCE_PASSWORD'
  return [
    `  the server ${shownAddress(addressOf(dsn))} gets: your claims and what they are for, and ${secret}`,
    ...onTheWay(dsn).map(line => `  ${line}`),
  ]
}

/** What others on the network could do. */
function onTheWay(dsn: Exclude<Dsn, { readonly scheme: 'sqlite' }>): readonly string[] {
  const caFile = dsn.scheme === 'http' ? dsn.caFile : dsn.tls?.caFile
  const ca = caFile === undefined ? [] : [`its certificate is checked with the CA in ${oneLine(caFile)}`]
  if (isLoopback(dsn.host)) return ['it is a program on this machine, whoever started it', ...ca]
  if (dsn.scheme === 'http')
    return dsn.secure ? ca : ['nothing is encrypted on the way to it, so the token is not sent']
  if (dsn.tls === undefined) return ['nothing is encrypted on the way to it']
  if (dsn.tls.mode === 'required') return ['nothing proves that it is this server (ssl=required)']
  return ca
}
