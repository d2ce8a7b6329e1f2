import { InvalidArgumentError } from 'commander'

/** Parses an option's value: a whole number from `least` (default 1) to `most`. */
export function wholeNumber(most: number, least = 1): (text: string) => number {
  return text => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  }
}
