import { COMPONENT_LENGTH_MAX, NOTE_LENGTH_MAX, VERSION_LENGTH_MAX } from './limits.ts'
import { parseName, parseOptionalProse } from './prose.ts'
import { accept, type Checked } from './refusal.ts'

/** The well-known states of a component. Any other word is accepted too. */
export const COMPONENT_STATES: readonly string[] = [
  'building',
  'built',
  'deploying',
  'deployed',
  'degraded',
  'unknown',
]

/** A part of a project, and the state that a session last reported for it. */
export interface Component {
  /** The project's key. */
  readonly project: string
  /** The name of the component. */
  readonly component: string
  /** One word, such as one of {@link COMPONENT_STATES}. */
  readonly state: string
  /** The version that the state is about. Undefined if none was given. */
  readonly version: string | undefined
  /** At most 4,000 characters. Undefined if none were given. */
  readonly notes: string | undefined
  /** The id of the session that set the state. */
  readonly updatedBy: string
  /** The database's time at which it was set. */
  readonly updatedAt: Date
}

/** A state in a component's history. */
export interface PastState extends Component {
  /** The id of the change that set it. */
  readonly id: string
}

const code = 'invalid_component'

export function parseComponent(input: string): Checked<string> {
  const remedy = 'name the part of the project, such as server or dashboard'
  return parseName(input, { name: 'the component', max: COMPONENT_LENGTH_MAX, code, remedy })
}

export function parseState(input: string): Checked<string> {
  const remedy = `say it in a word: ${COMPONENT_STATES.join(', ')}`
  return parseName(input, { name: 'the state', max: COMPONENT_LENGTH_MAX, code, remedy })
}

export function parseVersion(input: string | undefined): Checked<string | undefined> {
  if (input === undefined || input === '') return accept(undefined)
  return parseName(input, { name: 'the version', max: VERSION_LENGTH_MAX, code, remedy: 'such as 1.4.0' })
}

export function parseNotes(input: string | undefined): Checked<string | undefined> {
  return parseOptionalProse(input, {
    name: 'the text of the notes',
    max: NOTE_LENGTH_MAX,
    code,
    remedy: 'shorten it, and link to the rest',
  })
}
