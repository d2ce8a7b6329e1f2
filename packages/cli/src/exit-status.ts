/** 1: the board's state forbids it. 2: the input is invalid. 3: something failed. */
export const EXIT = { done: 0, refused: 1, usage: 2, fault: 3 } as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]
