import type { Budget } from '../budget.ts'
import type { GuardContext } from '../context.ts'
import type { Effect } from '../effect.ts'

/** One word of a command after expansion. */
export interface Word {
  /** Its value, or undefined if it contains a variable or substitution whose value isn't known. */
  readonly text: string | undefined
  /** If `text` is undefined: the known characters before the first unknown part, such as `--namespace=`. */
  readonly start?: string | undefined
  /** If `text` is undefined: the word with a mark for each unknown part. `lineOf` makes command lines of it. */
  readonly template?: string | undefined
  /** Offsets in the analyzed line. */
  readonly from: number
  readonly to: number
  /** The word as it was written. */
  readonly raw: string
}

/** Where a command inside of another command runs. */
export interface InnerOptions {
  /** The machine it runs on. */
  readonly host?: string | undefined
  /** True if it runs on another machine or in a container, where no file of this machine counts. */
  readonly isRemote?: boolean | undefined
  /** The words of the analyzed line that the inner command's effects point to. */
  readonly at?: readonly [number, number] | undefined
  /** The working directory, if the wrapper changes it. Null: unknown. */
  readonly cwd?: string | null | undefined
  /** Variables that the wrapper sets or unsets. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Standard input of the inner command. @default the outer command's */
  readonly stdin?: string | undefined
}

/** What a tool found in one command. */
export interface Found {
  /** Undefined if the target is unknown. */
  readonly label: string | undefined
  readonly verb: string
  readonly effect: Effect['effect']
  readonly target: Effect['target']
  readonly words: readonly [number, number]
  /** @default the name of the tool that was asked */
  readonly tool?: string | undefined
  readonly note?: string | undefined
}

/** A command that the line runs before another one. */
export interface Earlier {
  /** The name without its folder. */
  readonly name: string
  readonly args: readonly Word[]
  readonly isRemote: boolean
}

/** One simple command with what is known about the place it runs in. */
export interface Call {
  /** The command's name without its folder, after aliases. */
  readonly name: string
  /** The name as a word. */
  readonly word: Word
  readonly args: readonly Word[]
  /** The environment, with assignments in front of the command and exports before it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The variables of `env` that the line sets to something unknown. */
  readonly unknownEnv: ReadonlySet<string>
  /** Undefined if it isn't known, for example after `cd "$X"`. */
  readonly cwd: string | undefined
  /** The machine it runs on: this one, or the target of ssh. */
  readonly host: string | undefined
  /** True on another machine or in a container: no file of this machine counts. */
  readonly isRemote: boolean
  /** Standard input, if it is known: heredoc, here-string, `echo … |`, `< file`. */
  readonly stdin?: string | undefined
  readonly context: GuardContext
  /** What the line ran before, because it may have changed the tool's settings: `kubectl config use-context …`. */
  readonly earlier: readonly Earlier[]
  /** For `readYaml` and for loops over much input. */
  readonly budget: Budget
  /** Follows a command line inside of this command, such as that of `ssh host '…'`. */
  inner(line: string, more?: InnerOptions): readonly Found[]
  /** Follows a command inside of this command that is given as words, such as that of `exec … -- …`. */
  innerArgs(args: readonly Word[], more?: InnerOptions): readonly Found[]
  /** The text of a file, by a path that may be relative to `cwd`. Undefined if the command is remote. */
  read(path: string): string | undefined
  /** True if a file is a program. */
  isExecutable(path: string): boolean
  /** The names in a folder, by a path that may be relative to `cwd`. */
  list(path: string): readonly string[] | undefined
}

/** What the guard knows about one tool. */
export interface Tool {
  /** The program's names. The first one is the `tool` of its effects. */
  readonly names: readonly string[]
  effects(call: Call): readonly Found[]
}
