/** What each exit status means. */
export const EXIT = { done: 0, refused: 1, usage: 2, fault: 3 } as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]
