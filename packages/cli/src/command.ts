import type { Command } from 'commander'
import type { Io } from './io.ts'

/** A verb: it adds itself to the program and passes its exit status to `done`. */
export type AddCommand = (program: Command, io: Io, done: (status: Promise<number>) => Promise<void>) => void
