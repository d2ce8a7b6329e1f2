/** What is wrong with a hook or a server, and how to fix it. */
export interface Problem {
  readonly message: string
  readonly remedy: string
}

export const PUT_ON_PATH = 'put presence on PATH: link or copy it into a folder on PATH'
export const LOOK_AT_BOARD = 'run: presence doctor'
